/**
 * Which run of which function a piece of code belongs to, kept across awaits, timers and callbacks by AsyncLocalStorage: lines
 * that user code writes to the console, and promises that it forgets, find their function through it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface FunctionRun {
  readonly functionName: string;
  readonly invocationId: string;
  /**
   * False once the run was answered. Until then an exception that a callback of it throws, and a promise that it rejects and
   * nobody handles, fail the run itself.
   */
  readonly isActive: boolean;
}

export class FunctionRunScope implements FunctionRun {
  /** Empty while the app is being loaded. */
  readonly functionName: string;
  readonly invocationId: string;
  /** Whether what it logs is dropped. */
  readonly isSilent: boolean;
  /** What it is run for; undefined for functions that are not durable. */
  readonly instanceId: string | undefined;
  /** How long it has kept the thread when it began, in ms. */
  longestStepMs = 0;
  #fail: ((error: unknown) => void) | undefined;

  constructor(
    functionName: string,
    invocationId: string,
    {
      isSilent = false,
      instanceId,
    }: { readonly isSilent?: boolean; readonly instanceId?: unknown } = {},
  ) {
    this.functionName = functionName;
    this.invocationId = invocationId;
    this.isSilent = isSilent;
    this.instanceId = typeof instanceId === 'string' ? instanceId : undefined;
  }

  get isActive(): boolean {
    return this.#fail !== undefined;
  }

  /**
   * Settles as `work` does, or rejects with the first promise of this run that was rejected and left unhandled.
   * @param ended called when it settles.
   */
  guard<T>(work: () => Promise<T>, ended?: () => void): Promise<T> {
    activeRuns.add(this);
    for (const watch of watches) watch.add(this);
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        this.#fail = undefined;
        activeRuns.delete(this);
        ended?.();
      };
      const fail = (error: unknown): void => {
        // Whoever else is told of the same error in this turn (the host's guard) is to find the run active.
        queueMicrotask(end);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as user code threw it
        reject(error);
      };
      this.#fail = fail;
      try {
        const startedMs = performance.now();
        const working = work();
        this.longestStepMs = Math.max(this.longestStepMs, performance.now() - startedMs);
        working.then((value) => {
          end();
          resolve(value);
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Fails the run, if it is active. */
  fail(error: unknown): void {
    this.#fail?.(error);
  }
}

const activeRuns = new Set<FunctionRunScope>();
const watches = new Set<RunWatch>();

/** Remembers which runs there were, as long as somebody looks; what nobody looks at would pile up. */
export class RunWatch {
  #seen = new Set(activeRuns);

  constructor() {
    watches.add(this);
  }

  add(run: FunctionRunScope): void {
    this.#seen.add(run);
  }

  /** The runs that were active at any time since the last look, to be had regularly. */
  look(): readonly FunctionRunScope[] {
    const runs = [...this.#seen];
    this.#seen = new Set(activeRuns);
    return runs;
  }

  stop(): void {
    watches.delete(this);
  }
}

const scopes = new AsyncLocalStorage<FunctionRunScope>();

export function currentScope(): FunctionRunScope | undefined {
  return scopes.getStore();
}

export function runInScope<T>(scope: FunctionRunScope, work: () => T): T {
  return scopes.run(scope, work);
}

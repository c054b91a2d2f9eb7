/**
 * Which run of which function a piece of code belongs to, kept across awaits, timers and callbacks by AsyncLocalStorage: lines
 * that user code writes to the console, and promises that it forgets, find their function through it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FunctionRun } from './function-app.ts';

export class FunctionRunScope implements FunctionRun {
  /** Empty while the app is being loaded. */
  readonly functionName: string;
  readonly invocationId: string;
  /** How long it has kept the thread when it began, in ms. */
  longestStepMs = 0;
  #fail: ((error: unknown) => void) | undefined;

  constructor(functionName: string, invocationId: string) {
    this.functionName = functionName;
    this.invocationId = invocationId;
  }

  get isActive(): boolean {
    return this.#fail !== undefined;
  }

  /** Settles as `work` does, or rejects with the first promise of this run that was rejected and left unhandled. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    activeRuns.add(this);
    seenRuns.add(this);
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#fail = reject;
        const startedMs = performance.now();
        const working = work();
        this.longestStepMs = Math.max(this.longestStepMs, performance.now() - startedMs);
        working.then(resolve, reject);
      });
    } finally {
      this.#fail = undefined;
      activeRuns.delete(this);
    }
  }

  /** Fails the run, if it is active. */
  fail(error: unknown): void {
    this.#fail?.(error);
  }
}

const activeRuns = new Set<FunctionRunScope>();
/** Since the last look. */
let seenRuns = new Set<FunctionRunScope>();

/** The runs that were active at any time since this was asked for the last time; asked for regularly by blocked-loop.ts. */
export function runsSinceLastLook(): readonly FunctionRunScope[] {
  const runs = [...seenRuns];
  seenRuns = new Set(activeRuns);
  return runs;
}

const scopes = new AsyncLocalStorage<FunctionRunScope>();

export function currentScope(): FunctionRunScope | undefined {
  return scopes.getStore();
}

export function runInScope<T>(scope: FunctionRunScope, work: () => T): T {
  return scopes.run(scope, work);
}

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
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#fail = reject;
        work().then(resolve, reject);
      });
    } finally {
      this.#fail = undefined;
    }
  }

  /** Fails the run, if it is active. */
  fail(error: unknown): void {
    this.#fail?.(error);
  }
}

const scopes = new AsyncLocalStorage<FunctionRunScope>();

export function currentScope(): FunctionRunScope | undefined {
  return scopes.getStore();
}

export function runInScope<T>(scope: FunctionRunScope, work: () => T): T {
  return scopes.run(scope, work);
}

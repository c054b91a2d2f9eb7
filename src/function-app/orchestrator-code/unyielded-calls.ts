/**
 * Calls of `context.df` whose tasks an orchestrator never yields. SDK 2.x and 3.x ask for nothing until a task is yielded, alone
 * or in Task.all and Task.any, so that such a call does not run, silently. Signals are no tasks, and need no yield.
 */
const CALLS = [
  'callActivity',
  'callActivityWithRetry',
  'callSubOrchestrator',
  'callSubOrchestratorWithRetry',
  'callEntity',
  'callHttp',
];

interface MadeCall {
  readonly task: unknown;
  /** `callActivity('Hello')` */
  readonly text: string;
}

/** More than these are looked through for those that were yielded meanwhile. */
const MANY = 256;

export class UnyieldedCalls {
  #made: MadeCall[] = [];
  #limit = MANY;

  /** @param df the SDK's context of one run, before the orchestrator has begun. */
  constructor(df: object) {
    for (const name of CALLS) {
      const call: unknown = Reflect.get(df, name);
      if (typeof call !== 'function') continue;
      Reflect.set(df, name, (...args: unknown[]): unknown => {
        const task: unknown = Reflect.apply(call, df, args);
        this.#add({ task, text: describe(name, args[0]) });
        return task;
      });
    }
  }

  /** Those that are left when the orchestrator has returned. */
  list(): readonly string[] {
    this.#forgetYielded();
    return this.#made.map(({ text }) => text);
  }

  #add(call: MadeCall): void {
    this.#made.push(call);
    if (this.#made.length < this.#limit) return;
    this.#forgetYielded();
    this.#limit = Math.max(MANY, this.#made.length * 2);
  }

  #forgetYielded(): void {
    this.#made = this.#made.filter(({ task }) => !wasYielded(task));
  }
}

function describe(name: string, target: unknown): string {
  return `${name}(${typeof target === 'string' ? `'${target}'` : ''})`;
}

/** The SDK gives a task its id when it is yielded; one that is made of others has none, but they do. */
function wasYielded(task: unknown): boolean {
  if (typeof task !== 'object' || task === null) return true;
  const { id, children } = task as { readonly id?: unknown; readonly children?: unknown };
  return id !== false || (Array.isArray(children) && children.some(wasYielded));
}

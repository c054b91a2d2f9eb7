/**
 * The hooks that an app registers. They run one after the other in the order of their registration; each is awaited, and one
 * that throws stops the rest and fails the operation. Mirrors worker/src/hooks of the Node worker.
 */
export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';

export type HookCallback = (context: object) => unknown;

const HOOK_NAMES: ReadonlySet<string> = new Set<HookName>([
  'appStart',
  'appTerminate',
  'preInvocation',
  'postInvocation',
  'log',
]);

/** What the hooks of one invocation see and cannot put in another's place. */
export interface InvocationHookData {
  /** Shared by them. */
  readonly hookData: Record<string, unknown>;
  readonly invocationContext: unknown;
}

export class Hooks {
  /** Shared by all hooks of the app; another worker that runs hooks of it, too, brings its own. */
  appHookData: Record<string, unknown> = {};
  /** Shared by the appStart and appTerminate hooks. */
  readonly appLevelHookData: Record<string, unknown> = {};
  readonly #callbacks = new Map<HookName, HookCallback[]>();

  /**
   * @returns takes the hook away again.
   * @throws {RangeError} for a name that is no hook; the v4 library recognises it by its `isAzureFunctionsSystemError`.
   */
  register(name: string, callback: HookCallback): () => void {
    if (!isHookName(name)) {
      const error = new RangeError(`Unrecognized hook "${name}"`);
      throw Object.assign(error, { isAzureFunctionsSystemError: true });
    }
    const callbacks = this.#callbacks.get(name) ?? [];
    this.#callbacks.set(name, [...callbacks, callback]);
    return () => {
      const kept = (this.#callbacks.get(name) ?? []).filter((other) => other !== callback);
      this.#callbacks.set(name, kept);
    };
  }

  async run(name: Exclude<HookName, 'log'>, context: object): Promise<void> {
    for (const callback of this.#callbacks.get(name) ?? []) {
      await callback(context);
    }
  }

  /**
   * Runs the hooks of an invocation on what they may change. Where the app has none, as almost all apps, nothing is made for them.
   * @returns what they leave of it; no promise when nothing was run.
   */
  around<Writable extends object>(
    name: 'preInvocation' | 'postInvocation',
    { hookData, invocationContext }: InvocationHookData,
    writable: Writable,
  ): Writable | Promise<Writable> {
    if ((this.#callbacks.get(name) ?? []).length === 0) return writable;
    const fixed = { hookData, appHookData: this.appHookData, invocationContext };
    const context = hookContext(fixed, writable);
    return this.run(name, context).then(() => context);
  }

  /** Log hooks are synchronous, and a broken one must not break whoever logs. `failed` is told. */
  runLog(context: object, failed: (error: unknown) => void): void {
    for (const callback of this.#callbacks.get('log') ?? []) {
      try {
        callback(context);
      } catch (error) {
        failed(error);
      }
    }
  }
}

/** An object whose members cannot be assigned; those of `writable` can. Assigning throws, in sloppy mode too. */
export function hookContext<Writable extends object>(
  fixed: Readonly<Record<string, unknown>>,
  writable: Writable,
): Writable {
  const context = { ...writable };
  for (const [name, value] of Object.entries(fixed)) {
    Object.defineProperty(context, name, {
      enumerable: true,
      get: () => value,
      set: () => {
        throw new TypeError(`Cannot assign to read only property '${name}'`);
      },
    });
  }
  return context;
}

function isHookName(name: string): name is HookName {
  return HOOK_NAMES.has(name);
}

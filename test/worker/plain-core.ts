/** The core module of a worker, as plain as can be: what is registered is there to be looked at. */
import { type CoreApi, Disposable } from '../../src/function-app/loading/functions-core.ts';
import type { HookCallback } from '../../src/function-app/hooks.ts';
import type {
  FunctionMetadata,
  ProgrammingModel,
} from '../../src/function-app/programming-model.ts';

export interface PlainCore {
  readonly core: CoreApi;
  /** Of the functions that the host would hear of. */
  readonly functions: Map<string, FunctionMetadata>;
  readonly logs: { readonly level: string; readonly message: string }[];
  /** As the worker runs them. */
  runHooks(name: string, context?: object): Promise<void>;
  /** What the worker asks for at the end of its start. */
  askForCapabilities(): Promise<Readonly<Record<string, string>>>;
  /** The worker gets another app. */
  reset(): void;
}

const MODEL_3: ProgrammingModel = {
  name: '@azure/functions',
  version: '3.5.0',
  getInvocationModel: () => Promise.reject(new Error('nobody is called here')),
};
export const MODEL_4: ProgrammingModel = { ...MODEL_3, version: '4.16.5' };

/** @param hasLogHooks since worker 3.10 */
export function createPlainCore(hasLogHooks = true): PlainCore {
  const functions = new Map<string, FunctionMetadata>();
  const logs: { level: string; message: string }[] = [];
  let hooks = new Map<string, HookCallback[]>();
  let model = MODEL_3;
  const core: CoreApi = {
    version: '3.10.1',
    hostVersion: '4.1037.0.0',
    registerHook(name, callback) {
      if (name === 'log' && !hasLogHooks) throw new RangeError(`Unrecognized hook "${name}"`);
      hooks.set(name, [...(hooks.get(name) ?? []), callback]);
      return new Disposable(() => {
        hooks.set(
          name,
          (hooks.get(name) ?? []).filter((other) => other !== callback),
        );
      });
    },
    setProgrammingModel(next) {
      model = next;
    },
    getProgrammingModel: () => model,
    log(level, category, message) {
      for (const hook of hooks.get('log') ?? []) void hook({ level, category, message });
      logs.push({ level, message });
    },
    registerFunction(metadata) {
      functions.set(metadata.name, metadata);
      return new Disposable(() => functions.delete(metadata.name));
    },
    Disposable,
  };
  return {
    core,
    functions,
    logs,
    async runHooks(name, context = {}) {
      for (const hook of hooks.get(name) ?? []) await hook(context);
    },
    async askForCapabilities() {
      return (await model.getCapabilities?.({})) ?? {};
    },
    reset() {
      hooks = new Map();
      functions.clear();
      model = MODEL_3;
    },
  };
}

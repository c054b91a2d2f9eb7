/**
 * Between the app and its worker, in the worker's own process: keeps orchestrators, activities and entities for this package, and
 * hands everything else on. The worker's object stays the one that everybody has; three of its members are replaced.
 *
 * The worker begins a new life with each app that it is given: a process that Azure keeps ready gets another one. Hooks,
 * functions and the programming model of the life before are gone then, the replaced members are not; so each call looks whether
 * it is still the same life.
 */
import type { CoreApi, Disposable } from '../function-app/loading/functions-core.ts';
import { type HookCallback, Hooks } from '../function-app/hooks.ts';
import type {
  FunctionCallback,
  FunctionMetadata,
  ProgrammingModel,
} from '../function-app/programming-model.ts';
import type { RegisteredFunction } from '../function-app/registered-app.ts';
import { HiddenClients } from './hidden-clients.ts';

const DURABLE_TRIGGERS: readonly string[] = [
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
];
/** Those that surround invocations, and so have to be run where invocations are run. */
const COPIED_HOOKS: readonly string[] = ['preInvocation', 'postInvocation', 'log'];

/** An app in this worker, from the loading of its first file. */
export interface AppLife {
  readonly core: CoreApi;
  /** Durable ones, by id. */
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** Whether the app has registered functions in its code. */
  readonly hasRegistered: boolean;
  readonly clients: HiddenClients;
  /** Around invocations. */
  readonly hooks: Hooks;
  /** The one that functions are called by, as the app's library made it. */
  readonly model: ProgrammingModel;
  /** Registers a function with the host, whatever its trigger. */
  register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  /** Registers a function as the app does. */
  registerOfApp(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  /** Logs what the app's log hooks have been shown already. */
  logPast(level: string, category: string, message: string): void;
}

export interface AppStart {
  readonly functionAppDirectory: string;
  readonly appHookData: Record<string, unknown>;
}

/** What is done with an app. Neither may throw: the host would take the whole app for broken. */
export interface AppListener {
  /** All functions are registered, and no more can come after this. */
  started(life: AppLife, start: AppStart): Promise<void>;
  terminating(): Promise<void>;
}

export interface Interception {
  /** Whether functions may have been registered before, unseen. */
  readonly isLate: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

class Life implements AppLife {
  readonly core: CoreApi;
  readonly functions = new Map<string, RegisteredFunction>();
  readonly clients = new HiddenClients();
  readonly hooks = new Hooks();
  hasRegistered = false;
  model: ProgrammingModel;
  /** What the worker has instead of `model`. */
  shown: ProgrammingModel | undefined;
  start: AppStart | undefined;
  isLoggingPast = false;
  /** What comes now would never be run. */
  isComplete = false;
  readonly #register: CoreApi['registerFunction'];

  constructor(core: CoreApi, register: CoreApi['registerFunction'], model: ProgrammingModel) {
    this.core = core;
    this.#register = register;
    this.model = model;
  }

  register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    return this.#register(metadata, callback);
  }

  registerOfApp(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    const id = metadata.functionId ?? metadata.name;
    // As the worker says it of its own functions.
    if (this.isComplete) throw new Error('A function can only be registered during app startup.');
    if (this.functions.has(id)) {
      throw new Error(`A function with id "${id}" has already been registered.`);
    }
    if (isDurable(metadata)) {
      this.functions.set(id, { metadata, callback });
      return new this.core.Disposable(() => this.functions.delete(id));
    }
    const shown = this.clients.hide(id, metadata);
    if (shown === undefined) return this.#register(metadata, callback);
    const registered = this.#register(shown, callback);
    return new this.core.Disposable(() => {
      this.clients.forget(id);
      return registered.dispose();
    });
  }

  logPast(level: string, category: string, message: string): void {
    this.isLoggingPast = true;
    try {
      this.core.log(level, category, message);
    } finally {
      this.isLoggingPast = false;
    }
  }
}

/** @param core of a worker that has its default programming model. Once for each. */
export function intercept(core: Mutable<CoreApi>, listener: AppListener): Interception {
  const { registerFunction, registerHook, setProgrammingModel } = core;
  const original = { registerFunction, registerHook, setProgrammingModel };
  let hasSaidLate = false;
  let life = begin(originalModel(core));
  const isLate = !life.model.version.startsWith('3.');

  function current(): Life {
    if (core.getProgrammingModel() !== life.shown) life = begin(originalModel(core));
    return life;
  }

  function begin(model: ProgrammingModel): Life {
    const begun = new Life(core, original.registerFunction, model);
    show(begun, model);
    const late = original.registerHook('preInvocation', () => {
      if (hasSaidLate) return;
      hasSaidLate = true;
      core.log('error', 'system', TOO_LATE);
    });
    original.registerHook('appStart', (context) => {
      late.dispose();
      begun.start = context as AppStart;
      begun.hooks.appHookData = begun.start.appHookData;
    });
    original.registerHook('appTerminate', () => listener.terminating());
    return begun;
  }

  function show(of: Life, model: ProgrammingModel): void {
    of.model = model;
    of.shown = {
      name: model.name,
      version: model.version,
      ...of.clients.around(model),
      // The worker asks when the appStart hooks have run: the last moment at which a function may be registered.
      getCapabilities: async (defaults) => {
        if (of.start !== undefined) await listener.started(of, of.start);
        of.isComplete = true;
        return (await model.getCapabilities?.(defaults)) ?? defaults;
      },
    };
    original.setProgrammingModel(of.shown);
  }

  core.registerFunction = (metadata, callback) => {
    const of = current();
    of.hasRegistered = true;
    return of.registerOfApp(metadata, callback);
  };
  core.setProgrammingModel = (model) => {
    show(current(), model);
  };
  core.registerHook = (name, callback) => {
    const of = current();
    const shownTo: HookCallback =
      name === 'log' ? (context) => (of.isLoggingPast ? undefined : callback(context)) : callback;
    const registered = original.registerHook(name, shownTo);
    const forget = COPIED_HOOKS.includes(name) ? of.hooks.register(name, callback) : undefined;
    return new core.Disposable(() => {
      forget?.();
      return registered.dispose();
    });
  };
  return { isLate };
}

const TOO_LATE =
  'durable-functions-extension was loaded when the app had started already, and runs none of its durable functions. Load it first: make "import \'durable-functions-extension/register\'" the first statement of the file that package.json names as main.';

function originalModel(core: CoreApi): ProgrammingModel {
  const model = core.getProgrammingModel();
  if (model === undefined) throw new Error('The worker has no programming model yet.');
  return model;
}

function isDurable({ bindings }: FunctionMetadata): boolean {
  return Object.values(bindings).some(({ type }) => {
    return typeof type === 'string' && DURABLE_TRIGGERS.includes(type.toLowerCase());
  });
}

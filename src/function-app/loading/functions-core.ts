/**
 * The stand-in for `@azure/functions-core`, the module that exists only inside the Functions worker: every
 * `require('@azure/functions-core')` of this process answers one plain object, as in worker/src/setupCoreModule.ts.
 *
 * The libraries keep the object for ever, so it is the same for the life of the process and hands each call to the app that
 * was installed last; it hangs on `globalThis`, because a second copy of this package must not answer another one.
 */
import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from '../programming-model.ts';
import type { HookCallback } from '../hooks.ts';

/** What an app that is being loaded, or runs, does with the calls of the libraries. */
export interface CoreSession {
  readonly hostVersion: string;
  programmingModel: ProgrammingModel | undefined;
  /** @returns takes the function away again. */
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void;
  registerHook(name: string, callback: HookCallback): () => void;
  log(level: string, category: string, message: string): void;
}

export class Disposable {
  #dispose: (() => unknown) | undefined;

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  static from(...items: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }

  dispose(): unknown {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    return dispose?.();
  }
}

/** Own properties and their order are those of worker 3.10; nothing is frozen. */
export interface CoreApi {
  version: string;
  readonly hostVersion: string;
  registerHook(name: string, callback: HookCallback): Disposable;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | undefined;
  log(level: string, category: string, message: string): void;
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  Disposable: typeof Disposable;
}

type Require = (this: unknown, id: string) => unknown;

interface CoreSlot {
  readonly api: CoreApi;
  /** The apps that are alive; the last one is answered. */
  sessions: CoreSession[];
  /** The last model that an app set. Its library sets it only once per process. */
  appModel: ProgrammingModel | undefined;
  uninstall: (() => void) | undefined;
}

const MODULE_NAME = '@azure/functions-core';
/** The worker whose API this is; libraries show it, none compares it. */
const WORKER_VERSION = '3.10.1';
const SLOT = Symbol.for('durable-functions-extension.functions-core');

/** Makes the session the one that the libraries talk to. @returns takes it away; with the last one the `require` patch goes too. */
export function installFunctionsCore(session: CoreSession): () => void {
  const slot = coreSlot();
  slot.sessions.push(session);
  slot.uninstall ??= patchRequire(slot.api);
  return () => {
    slot.sessions = slot.sessions.filter((other) => other !== session);
    if (slot.sessions.length > 0) return;
    slot.uninstall?.();
    slot.uninstall = undefined;
  };
}

/** The stand-in itself, for who has modules of its own, and does not ask ours. */
export function coreApi(): CoreApi {
  return coreSlot().api;
}

/** Whether this is the stand-in, of this copy of the package or another, and not the object of a worker. */
export function isStandIn(core: object): boolean {
  const slot = Reflect.get(globalThis, SLOT) as CoreSlot | undefined;
  return slot?.api === core;
}

/** The model that the app's library had set for an earlier app of this process; undefined if none did. */
export function knownAppModel(): ProgrammingModel | undefined {
  return coreSlot().appModel;
}

/** Remembers the model for later apps that share the library. */
export function rememberAppModel(model: ProgrammingModel): void {
  coreSlot().appModel = model;
}

function coreSlot(): CoreSlot {
  const existing = Reflect.get(globalThis, SLOT) as CoreSlot | undefined;
  if (existing !== undefined) return existing;
  const slot = createSlot();
  Reflect.set(globalThis, SLOT, slot);
  return slot;
}

function createSlot(): CoreSlot {
  const current = (): CoreSession => {
    const session = slot.sessions.at(-1);
    if (session === undefined) {
      throw new Error(`${MODULE_NAME} was called while no function app is loaded.`);
    }
    return session;
  };
  const api: CoreApi = {
    version: WORKER_VERSION,
    get hostVersion() {
      return current().hostVersion;
    },
    registerHook: (name, callback) => new Disposable(current().registerHook(name, callback)),
    setProgrammingModel: (model) => {
      current().programmingModel = model;
    },
    getProgrammingModel: () => current().programmingModel,
    log: (level, category, message) => {
      current().log(level, category, message);
    },
    registerFunction: (metadata, callback) =>
      new Disposable(current().registerFunction(metadata, callback)),
    Disposable,
  };
  const slot: CoreSlot = { api, sessions: [], appModel: undefined, uninstall: undefined };
  return slot;
}

function patchRequire(api: CoreApi): () => void {
  const prototype = Module.prototype as { require: Require };
  const original = prototype.require;
  let isActive = true;
  const patched: Require = function (id) {
    return isActive && id === MODULE_NAME ? api : original.call(this, id);
  };
  prototype.require = patched;
  return () => {
    isActive = false;
    // Somebody else (a tracer) may have patched on top of us: then only stop answering.
    if (prototype.require === patched) prototype.require = original;
  };
}

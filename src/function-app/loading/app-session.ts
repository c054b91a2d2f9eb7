/** What one app registers with the worker while it is loaded, and the hooks and the model that it runs with afterwards. */
import { type CoreSession, knownAppModel, rememberAppModel } from './functions-core.ts';
import type { HookCallback, Hooks } from '../hooks.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from '../programming-model.ts';
import type { UserLog } from '../runs/user-log.ts';

export interface Registration {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  /** The entry point that was being loaded, absolute; undefined for a registration by a hook. */
  readonly entryPoint: string | undefined;
}

const DIRECTIONS: ReadonlySet<unknown> = new Set(['in', 'out', 'inout', undefined, null]);

export class AppSession implements CoreSession {
  /** A host that knows log hooks and HTTP streaming. */
  readonly hostVersion = '4.1037.0.0';
  readonly hooks: Hooks;
  readonly registrations = new Map<string, Registration>();
  /** Absolute path of the entry point that is being loaded. */
  entryPoint: string | undefined;
  readonly #userLog: UserLog;
  #defaultModel: ProgrammingModel | undefined;
  #model: ProgrammingModel | undefined;
  #isLocked = false;

  constructor(hooks: Hooks, userLog: UserLog) {
    this.hooks = hooks;
    this.#userLog = userLog;
  }

  /** From now on functions cannot be registered. */
  lock(): void {
    this.#isLocked = true;
  }

  get programmingModel(): ProgrammingModel | undefined {
    return this.#model;
  }

  /** The first model is ours, the default; each further one is the app's. */
  set programmingModel(model: ProgrammingModel | undefined) {
    if (model === undefined) return;
    this.#model = model;
    if (this.#defaultModel === undefined) {
      this.#defaultModel = model;
      return;
    }
    rememberAppModel(model);
    this.log(
      'debug',
      'system',
      `Setting Node.js programming model to "${model.name}" version "${model.version}"`,
    );
  }

  /** @throws {RangeError} for a binding direction that the protocol does not have. */
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void {
    if (this.#isLocked) throw new Error('A function can only be registered during app startup.');
    const id = metadata.functionId ?? metadata.name;
    if (this.registrations.has(id)) {
      throw new Error(`A function with id "${id}" has already been registered.`);
    }
    for (const { direction } of Object.values(metadata.bindings)) {
      if (!DIRECTIONS.has(direction)) {
        throw new RangeError(`Unrecognized value "${String(direction)}" for enum "Direction"`);
      }
    }
    this.#adoptKnownModel();
    this.registrations.set(id, { metadata, callback, entryPoint: this.entryPoint });
    return () => {
      if (!this.#isLocked) this.registrations.delete(id);
    };
  }

  registerHook(name: string, callback: HookCallback): () => void {
    return this.hooks.register(name, callback);
  }

  log(level: string, category: string, message: string): void {
    this.#userLog.write(level, category, message, {
      functionName: undefined,
      hookData: this.hooks.appLevelHookData,
      invocationContext: undefined,
      fields: {},
    });
  }

  /** The v4 library sets its model once per process: an app that shares it with an earlier one registers without doing so. */
  #adoptKnownModel(): void {
    const known = knownAppModel();
    if (this.#model === this.#defaultModel && known !== undefined) this.#model = known;
  }
}

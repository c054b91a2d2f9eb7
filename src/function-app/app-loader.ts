/**
 * The loading itself, in the order of the Node worker: the files of package.json's `main`, appStart hooks, capabilities; then,
 * unless functions were registered in code, the folders with a function.json. One function that cannot be loaded is a problem
 * with a reason; the others run.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { ownMember } from '../base/own-member.ts';
import { DurableError } from '../core/errors.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { guardAgainstAsyncGenerators } from './async-generator-guard.ts';
import type { AppSession } from './app-session.ts';
import type { BindingExtension } from './binding-extension.ts';
import { type AppPackage, findEntryPoints, loadModule, readAppPackage } from './entry-points.ts';
import { describeThrown } from './failure-text.ts';
import type { FunctionProblem, LoadedFunction } from './function-app.ts';
import { findCallback } from './function-callback.ts';
import { type FunctionFolder, readFunctionFolders } from './function-json.ts';
import {
  type FunctionDeclaration,
  isDisabledBySetting,
  isHttpOutput,
  isTrue,
  type RegistryRules,
  toLoadedFunction,
} from './function-registry.ts';
import { hookContext } from './hooks.ts';
import type { RunnableFunction } from './invoke.ts';
import { withFreshModules } from './module-cache.ts';
import type { CodeCheckMode } from './orchestrator-code/code-checks.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from './programming-model.ts';

export interface LoadAppOptions {
  /** Absolute path of the folder with host.json. */
  readonly scriptRoot: string;
  /** The settings of the app; `process.env` must hold them already, this is for the host's own questions. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `functions` of host.json: only these are loaded. @default all */
  readonly functionsAllowList?: readonly string[] | undefined;
  readonly log: Logger;
  /** How long a function may run. @default no limit */
  readonly functionTimeoutMs?: number | undefined;
  readonly bindings: readonly BindingExtension[];
  /** What is done about orchestrators whose code differs at each replay. @default 'off' */
  readonly orchestratorCodeChecks?: CodeCheckMode;
  /** Replaces `%NAME%` in a text of a binding. @throws {Error} when there is no such setting. */
  resolveSetting(text: string): string;
}

const CATEGORY = 'Host.Startup';

/** What the Node worker announces, before the app's model adds to it. */
const WORKER_CAPABILITIES = [
  'RawHttpBodyBytes',
  'RpcHttpTriggerMetadataRemoved',
  'RpcHttpBodyOnly',
  'IgnoreEmptyValuedRpcHttpHeaders',
  'UseNullableValueDictionaryForHttp',
  'WorkerStatus',
  'TypedDataCollection',
  'HandlesWorkerTerminateMessage',
];

export interface LoadedParts {
  readonly runnables: readonly RunnableFunction[];
  readonly problems: readonly FunctionProblem[];
  readonly capabilities: Readonly<Record<string, string>>;
}

export class AppLoader {
  readonly #options: LoadAppOptions;
  readonly #session: AppSession;
  readonly #rules: RegistryRules;
  readonly #problems: FunctionProblem[] = [];
  readonly #runnables: RunnableFunction[] = [];

  constructor(options: LoadAppOptions, session: AppSession) {
    this.#options = options;
    this.#session = session;
    this.#rules = {
      bindingExtensions: options.bindings,
      resolveSetting: (value) => options.resolveSetting(value),
    };
  }

  async load(): Promise<LoadedParts> {
    loadDefaultModel();
    const app = await readAppPackage(this.#options.scriptRoot, (message) => {
      text(this.#options.log, 'warning', CATEGORY, message);
    });
    return withFreshModules(async () => {
      const files =
        app.main === undefined ? [] : await findEntryPoints(this.#options.scriptRoot, app.main);
      await this.#loadEntryPoints(app, files);
      await this.#runAppStart();
      const capabilities = await capabilitiesOf(this.#model);
      this.#session.lock();
      const { folders, problems } = await readFunctionFolders(this.#options.scriptRoot);
      if (app.main !== undefined && files.length === 0) this.#reportMissing(app.main, folders);
      if (this.#session.registrations.size > 0) {
        await this.#addRegistrations();
        this.#reportIgnored([
          ...folders.map(({ name }) => name),
          ...problems.map((problem) => problem.functionName),
        ]);
      } else {
        this.#problems.push(
          ...problems.filter(({ functionName }) => this.#isAllowed(functionName)),
        );
        for (const folder of folders) await this.#addFolder(folder, app);
      }
      return { runnables: this.#runnables, problems: this.#problems, capabilities };
    });
  }

  get #model(): ProgrammingModel {
    const model = this.#session.programmingModel;
    if (model === undefined)
      throw new Error('The default programming model did not register itself.');
    return model;
  }

  /** `npm init` writes a `main` into apps whose functions are in folders, and nobody means it. */
  #reportMissing(main: string, folders: readonly FunctionFolder[]): void {
    const isOfNpm = path.posix.normalize(main) === 'index.js';
    if (isOfNpm && folders.length > 0 && this.#session.registrations.size === 0) return;
    this.#problems.push({
      functionName: main,
      reason: `Worker was unable to load entry point "${main}": Found zero files matching the supplied pattern ('main' of package.json). If they are compiled from TypeScript, build the app first.`,
    });
  }

  async #loadEntryPoints(app: AppPackage, files: readonly string[]): Promise<void> {
    for (const file of files) {
      this.#session.entryPoint = file;
      try {
        await loadModule(file, app);
      } catch (error) {
        const name = this.#relative(file);
        const reason = `Worker was unable to load entry point "${name}": ${this.#loadErrorText(error)}`;
        this.#problems.push({ functionName: name, reason });
      } finally {
        this.#session.entryPoint = undefined;
      }
    }
  }

  async #runAppStart(): Promise<void> {
    const { appLevelHookData: hookData, appHookData } = this.#session.hooks;
    const functionAppDirectory = this.#options.scriptRoot;
    try {
      await this.#session.hooks.run(
        'appStart',
        hookContext({ hookData, appHookData, functionAppDirectory }, {}),
      );
    } catch (error) {
      const { message } = describeThrown(error);
      throw new DurableError('CONFIG', `An appStart hook of the app failed: ${message}`, {
        cause: error,
      });
    }
  }

  async #addRegistrations(): Promise<void> {
    const { scriptRoot } = this.#options;
    for (const [functionId, { metadata, callback, entryPoint }] of this.#session.registrations) {
      const declaration = {
        functionId,
        name: metadata.name,
        bindings: Object.entries(metadata.bindings).map(([name, binding]) => ({
          ...binding,
          name,
        })),
        directory:
          entryPoint === undefined ? directoryOf(metadata, scriptRoot) : path.dirname(entryPoint),
        scriptFile: entryPoint ?? 'unknown',
        isDisabled: isDisabledBySetting(metadata.name, this.#options.environment),
        retry: metadata.retryOptions,
      };
      await this.#add(declaration, () => callback);
    }
  }

  async #addFolder(folder: FunctionFolder, app: AppPackage): Promise<void> {
    const { disabled } = folder;
    const { environment } = this.#options;
    const isDisabled =
      disabled === true ||
      (typeof disabled === 'string' &&
        (isTrue(disabled) || isTrue(ownMember(environment, disabled)))) ||
      isDisabledBySetting(folder.name, environment);
    await this.#add({ ...folder, functionId: folder.name, isDisabled }, async () =>
      findCallback(await loadModule(folder.scriptFile, app), folder.entryPoint),
    );
  }

  /** @param load gives the function's code; only asked when the function can run here. */
  async #add(
    declared: Omit<FunctionDeclaration, 'model'>,
    load: () => FunctionCallback | Promise<FunctionCallback>,
  ): Promise<void> {
    const { name } = declared;
    if (!this.#isAllowed(name)) return;
    const model = this.#model;
    try {
      this.#refuseSecond(name);
      const fn = toLoadedFunction(
        { ...declared, model: model.version.startsWith('3.') ? 'v3' : 'v4' },
        this.#rules,
      );
      const loaded = await this.#loadCallback(declared, load);
      const isGuarded = fn.kind === 'orchestrator' && fn.model === 'v3';
      const callback = isGuarded ? guardAgainstAsyncGenerators(loaded) : loaded;
      this.#runnables.push({ fn, callback, model });
      this.#warnOfUnused(fn);
    } catch (error) {
      this.#problems.push({ functionName: name, reason: describeThrown(error).message });
    }
  }

  #warnOfUnused({ name, kind, bindings }: LoadedFunction): void {
    if (kind === 'http') return;
    for (const binding of bindings.filter(isHttpOutput)) {
      const message = `The binding '${binding.name}' of function '${name}' has no effect: the type 'http' answers requests, and the function has no httpTrigger.`;
      text(this.#options.log, 'warning', CATEGORY, message);
    }
  }

  #refuseSecond(name: string): void {
    const first = this.#runnables.find(({ fn }) => fn.name.toLowerCase() === name.toLowerCase());
    if (first === undefined) return;
    throw new Error(
      `'${name}' is left out, since the app has '${first.fn.name}' too, and case does not count in the names of functions. Rename one of the two.`,
    );
  }

  async #loadCallback(
    { name, scriptFile }: Pick<FunctionDeclaration, 'name' | 'scriptFile'>,
    load: () => FunctionCallback | Promise<FunctionCallback>,
  ): Promise<FunctionCallback> {
    try {
      return await load();
    } catch (error) {
      throw new Error(
        `Worker was unable to load function ${name}: '${this.#loadErrorText(error)}' (${this.#relative(scriptFile)})`,
        { cause: error },
      );
    }
  }

  #isAllowed(name: string): boolean {
    const { functionsAllowList } = this.#options;
    return (
      functionsAllowList?.some((allowed) => allowed.toLowerCase() === name.toLowerCase()) ?? true
    );
  }

  #reportIgnored(names: readonly string[]): void {
    if (names.length === 0) return;
    text(
      this.#options.log,
      'warning',
      CATEGORY,
      `Detected mixed function app. Functions registered in code win over function.json; these folders are not loaded: ${names.join(', ')}.`,
    );
  }

  /** One line; the stack, which says where in the user's code it went wrong, goes to the log. */
  #loadErrorText(error: unknown): string {
    const { message, stack } = describeThrown(error);
    if (stack !== '') text(this.#options.log, 'debug', CATEGORY, stack, error);
    const [firstLine = message] = message.split('\n');
    // Of a syntax error only the first line of the stack says where it is.
    const place = error instanceof SyntaxError ? /^(.+:\d+)\r?\n/.exec(stack)?.[1] : undefined;
    return place === undefined ? firstLine : `${firstLine} at ${this.#relative(place)}`;
  }

  #relative(file: string): string {
    return path.relative(this.#options.scriptRoot, file).split(path.sep).join('/');
  }
}

/** A hook that registers a function may say where it lives. */
function directoryOf(metadata: FunctionMetadata, scriptRoot: string): string {
  const { directory } = metadata;
  return typeof directory === 'string' ? directory : scriptRoot;
}

/** The classic model, which functions without one of their own run under; it registers itself with the core module. */
function loadDefaultModel(): void {
  const { setup } = createRequire(import.meta.url)('functions-v3') as { setup: () => void };
  setup();
}

async function capabilitiesOf(model: ProgrammingModel): Promise<Readonly<Record<string, string>>> {
  const defaults = Object.fromEntries(WORKER_CAPABILITIES.map((name) => [name, 'true']));
  return (await model.getCapabilities?.(defaults)) ?? defaults;
}

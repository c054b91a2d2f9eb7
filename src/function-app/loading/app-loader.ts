/**
 * The loading itself, in the order of the Node worker: the files of package.json's `main`, appStart hooks, capabilities; then,
 * unless functions were registered in code, the folders with a function.json. Up to here it is known which functions there are;
 * with the bindings that the host has, they become functions that run. One that cannot be loaded is a problem with a reason; the
 * others run.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { ownMember } from '../../base/own-member.ts';
import { DurableError } from '../../core/errors.ts';
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { AppSession } from './app-session.ts';
import type { BindingExtension } from '../binding-extension.ts';
import { type AppPackage, findEntryPoints, loadModule, readAppPackage } from './entry-points.ts';
import { describeThrown } from '../failure-text.ts';
import type { FunctionProblem } from '../function-app.ts';
import type { LoadedFunction } from '../function-declaration.ts';
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
import { hookContext } from '../hooks.ts';
import { loadErrorText, type LoadErrorText } from './load-error.ts';
import type { RunnableFunction } from '../runs/invoke.ts';
import { withFreshModules, withMoreModules } from './module-cache.ts';
import type { CodeCheckMode } from '../orchestrator-code/code-checks.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from '../programming-model.ts';
import { modelKind, refuseSecond, runnableOf } from '../runs/runnable.ts';

export interface DeclareAppOptions {
  /** Absolute path of the folder with host.json. */
  readonly scriptRoot: string;
  /** The settings of the app; `process.env` must hold them already, this is for the host's own questions. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `functions` of host.json: only these are loaded. @default all */
  readonly functionsAllowList?: readonly string[] | undefined;
  readonly log: Logger;
  /** How long a function may run. @default no limit */
  readonly functionTimeoutMs?: number | undefined;
  /** What is done about orchestrators whose code differs at each replay. @default 'off' */
  readonly orchestratorCodeChecks?: CodeCheckMode;
  /** Runs the code that registers the functions; what it throws, loading does. @default the files of the app in `scriptRoot` */
  readonly runCode?: (() => unknown) | undefined;
  /** Replaces `%NAME%` in a text of a binding. @throws {Error} when there is no such setting. */
  resolveSetting(text: string): string;
}

export interface LoadAppOptions extends DeclareAppOptions {
  readonly bindings: readonly BindingExtension[];
}

/** A function as the app declares it: nothing of it is checked yet. */
export type DeclaredFunction = Omit<FunctionDeclaration, 'model'>;

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

interface Declared {
  readonly fn: DeclaredFunction;
  /** Gives the function's code; only asked when the function can run here. */
  readonly load: () => FunctionCallback | Promise<FunctionCallback>;
}

export class AppLoader {
  readonly #options: DeclareAppOptions;
  readonly #session: AppSession;
  readonly #problems: FunctionProblem[] = [];
  readonly #declared: Declared[] = [];
  readonly #runnables: RunnableFunction[] = [];
  #capabilities: Readonly<Record<string, string>> = {};

  constructor(options: DeclareAppOptions, session: AppSession) {
    this.#options = options;
    this.#session = session;
  }

  /** Runs the code of the app, except that of functions in folders: those are loaded one by one, when they are bound. */
  async declare(): Promise<readonly DeclaredFunction[]> {
    loadDefaultModel();
    const { runCode } = this.#options;
    await withFreshModules(() => (runCode ? this.#declareCode(runCode) : this.#declareFiles()));
    return this.#declared.map(({ fn }) => fn);
  }

  async #declareFiles(): Promise<void> {
    const app = await readAppPackage(this.#options.scriptRoot, (message) => {
      text(this.#options.log, 'warning', CATEGORY, message);
    });
    const files =
      app.main === undefined ? [] : await findEntryPoints(this.#options.scriptRoot, app.main);
    await this.#loadEntryPoints(app, files);
    await this.#endStartup();
    const { folders, problems } = await readFunctionFolders(this.#options.scriptRoot);
    if (app.main !== undefined && files.length === 0) this.#reportMissing(app.main, folders);
    if (this.#session.registrations.size > 0) {
      this.#declareRegistrations();
      this.#reportIgnored([
        ...folders.map(({ name }) => name),
        ...problems.map((problem) => problem.functionName),
      ]);
    } else {
      this.#problems.push(...problems.filter(({ functionName }) => this.#isAllowed(functionName)));
      for (const folder of folders) this.#declareFolder(folder, app);
    }
  }

  async #declareCode(runCode: () => unknown): Promise<void> {
    await runCode();
    await this.#endStartup();
    this.#declareRegistrations();
  }

  /** The code has run: what it has registered is all that there is. */
  async #endStartup(): Promise<void> {
    await this.#runAppStart();
    this.#capabilities = await capabilitiesOf(this.#model);
    this.#session.lock();
  }

  /** Makes functions of what was declared. Called once. */
  async bind(bindings: readonly BindingExtension[]): Promise<LoadedParts> {
    const rules: RegistryRules = {
      bindingExtensions: bindings,
      resolveSetting: (value) => this.#options.resolveSetting(value),
    };
    return await withMoreModules(async () => {
      for (const declared of this.#declared) await this.#add(declared, rules);
      return {
        runnables: this.#runnables,
        problems: this.#problems,
        capabilities: this.#capabilities,
      };
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
        const { summary, details } = await this.#loadErrorText(error, file);
        const reason = `Worker was unable to load entry point "${name}": ${summary}${details}`;
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

  #declareRegistrations(): void {
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
      this.#declare(declaration, () => callback);
    }
  }

  #declareFolder(folder: FunctionFolder, app: AppPackage): void {
    const { disabled } = folder;
    const { environment } = this.#options;
    const isDisabled =
      disabled === true ||
      (typeof disabled === 'string' &&
        (isTrue(disabled) || isTrue(ownMember(environment, disabled)))) ||
      isDisabledBySetting(folder.name, environment);
    this.#declare({ ...folder, functionId: folder.name, isDisabled }, async () =>
      findCallback(await loadModule(folder.scriptFile, app), folder.entryPoint),
    );
  }

  #declare(fn: DeclaredFunction, load: Declared['load']): void {
    if (this.#isAllowed(fn.name)) this.#declared.push({ fn, load });
  }

  async #add({ fn: declared, load }: Declared, rules: RegistryRules): Promise<void> {
    const { name } = declared;
    const model = this.#model;
    try {
      refuseSecond(name, this.#runnables);
      const fn = toLoadedFunction({ ...declared, model: modelKind(model) }, rules);
      this.#runnables.push(runnableOf(fn, await this.#loadCallback(declared, load), model));
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

  async #loadCallback(
    { name, scriptFile }: Pick<FunctionDeclaration, 'name' | 'scriptFile'>,
    load: () => FunctionCallback | Promise<FunctionCallback>,
  ): Promise<FunctionCallback> {
    try {
      return await load();
    } catch (error) {
      const { summary, details } = await this.#loadErrorText(error, scriptFile);
      throw new Error(
        `Worker was unable to load function ${name}: '${summary}' (${this.#relative(scriptFile)})${details}`,
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

  /** The whole stack goes to the log of who asks for details. */
  async #loadErrorText(error: unknown, file: string): Promise<LoadErrorText> {
    const { stack } = describeThrown(error);
    if (stack !== '') text(this.#options.log, 'debug', CATEGORY, stack, error);
    return await loadErrorText(error, file, this.#options.scriptRoot);
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

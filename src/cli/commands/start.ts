/**
 * `func start`: reads the settings, says what it starts, starts the host, lists the functions, and waits for a signal. What
 * can go wrong at the start is one line each on stderr and exit code 1. Mirrors StartHostAction of Core Tools.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ConfigError, describeProblem } from '../../config/config-error.ts';
import { findUpwards, isFolder } from '../../config/config-files.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { describeAccount } from '../../config/storage-connection.ts';
import { DurableError, InvalidInputError } from '../../core/errors.ts';
import { startHost, type Host } from '../../host/host.ts';
import { listenForStopSignals } from '../../host/signals.ts';
import type { StartEmulator } from '../../host/emulator.ts';
import { createCategoryFilter } from '../../telemetry/category-filter.ts';
import { createConsoleSink } from '../../telemetry/console-sink.ts';
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { redactKeys } from '../../telemetry/redact-keys.ts';
import { functionListLines } from '../function-list.ts';
import type { Output } from '../output.ts';
import { explainSlowStop } from './slow-stop.ts';

export interface StartOptions {
  readonly version: string;
  /** As written; relative to the current folder. */
  readonly scriptRoot: string;
  /** @default Host.LocalHttpPort, or 7071 */
  readonly port?: number;
  /** @default Host.LocalHttpAddress, or 127.0.0.1 */
  readonly address?: string;
  /** @default all */
  readonly functions?: readonly string[];
  readonly storage: 'azure' | 'memory';
  readonly verbose: boolean;
  /** Asks callers for keys. @default only when others than this machine can call */
  readonly enableAuth?: boolean;
  /** Origins, separated by commas. @default Host.CORS */
  readonly cors?: string;
  /** @default Host.CORSCredentials */
  readonly corsCredentials?: boolean;
}

/** Who ends the host, and whom it tells how far it got: the terminal, or the supervisor of a host with reload. */
export interface HostKeeper {
  readonly drain: AbortSignal;
  /** Aborts when what still runs shall be left to the next host, which waits. */
  readonly handOver?: AbortSignal;
  readonly abort: AbortSignal;
  readonly onConfigured?: (config: Config) => void;
  readonly onStarted?: (host: Host) => void;
  /** @default as a child of this process */
  readonly startEmulator?: StartEmulator;
  /** See HostOptions. */
  readonly knownBroken?: readonly string[] | undefined;
  /** See HostOptions. */
  readonly runRecord?: string | undefined;
}

const DEFAULT_PORT = 7071;

/** Runs until a signal comes or something the host needs dies. @returns the exit code. */
export async function runStart(options: StartOptions, output: Output): Promise<number> {
  const signals = listenForStopSignals();
  const stopExplaining = explainSlowStop(signals, output);
  try {
    return await runKeptHost(options, output, signals);
  } finally {
    stopExplaining();
    signals.dispose();
  }
}

/** Runs until its keeper ends it or something the host needs dies. @returns the exit code. */
export async function runKeptHost(
  options: StartOptions,
  output: Output,
  keeper: HostKeeper,
): Promise<number> {
  try {
    await refuseFolderWithoutApp(path.resolve(options.scriptRoot));
    const config = await loadConfig({
      scriptRoot: options.scriptRoot,
      env: overridden(process.env, options),
      cpuCount: availableParallelism(),
      ...(options.port !== undefined && { explicitPort: options.port }),
      ...(options.cors !== undefined && { corsOrigins: options.cors }),
      ...(options.corsCredentials !== undefined && { corsCredentials: options.corsCredentials }),
    });
    keeper.onConfigured?.(config);
    for (const line of bannerLines(config, options.version)) output.line(line);
    const log = createConsoleSink({
      isShown: createCategoryFilter({ rules: config.logLevels, verbose: options.verbose }),
      verbose: options.verbose,
      colors: output.colors,
      writeLine: (line) => {
        output.line(redactKeys(line));
      },
    });
    return await runHost(config, { options, output, log, keeper });
  } catch (error) {
    for (const line of failureLines(error, options)) output.error(line);
    return 1;
  }
}

/** Else the first complaint would be about a setting, which is not what is missing. @throws {InvalidInputError} */
async function refuseFolderWithoutApp(folder: string): Promise<void> {
  if (!(await isFolder(folder))) return;
  if ((await findUpwards(folder, 'host.json')) !== undefined) return;
  for (const name of ['local.settings.json', 'package.json']) {
    if ((await findUpwards(folder, name, folder)) !== undefined) return;
  }
  throw new InvalidInputError(
    `There is no function app in ${folder}: no host.json, local.settings.json or package.json. Go to the folder of the app, or create one with func init.`,
  );
}

interface Surroundings {
  readonly options: StartOptions;
  readonly output: Output;
  readonly log: Logger;
  readonly keeper: HostKeeper;
}

async function runHost(config: Config, around: Surroundings): Promise<number> {
  const { options, output, log, keeper } = around;
  for (const notice of config.notices) text(log, 'warning', 'Host.Startup', notice);
  const starting = startHost({
    config,
    version: options.version,
    port: config.localHttp.port ?? DEFAULT_PORT,
    ...addressOf(config, options),
    enableAuth: options.enableAuth,
    log,
    say: (line) => {
      output.line(line);
    },
    ...(keeper.startEmulator && { startEmulator: keeper.startEmulator }),
    knownBroken: keeper.knownBroken,
    runRecord: keeper.runRecord,
  });
  const host = await Promise.race([starting, whenAborted(keeper.abort)]);
  if (host === 'aborted') return 1;
  announce(host, around);
  keeper.onStarted?.(host);
  const ending = await Promise.race([whenAborted(keeper.drain), host.failed]);
  const failure = ending === 'aborted' ? undefined : ending;
  if (failure !== undefined) output.error(failure.message);
  const unfinished = AbortSignal.any([keeper.abort, ...(keeper.handOver ? [keeper.handOver] : [])]);
  const stopped = await Promise.race([host.stop(unfinished), whenAborted(keeper.abort)]);
  return failure !== undefined || stopped === 'aborted' ? 1 : 0;
}

function announce(host: Host, { options, output, log }: Surroundings): void {
  if (host.functions.length === 0) {
    const hint =
      "No functions found. A function is a folder with a function.json, or a registration in a file that 'main' of package.json names.";
    text(log, 'warning', 'Host.Startup', hint);
  }
  for (const line of functionListLines(host.functions)) output.line(line);
  if (!options.verbose) output.line('For detailed output, run func with --verbose flag.');
  text(log, 'information', 'Host.Startup', `Host started on ${host.url}.`);
}

/** Options that stand for settings, in the form in which the environment overrides host.json. */
function overridden(
  env: NodeJS.ProcessEnv,
  { functions, storage }: StartOptions,
): NodeJS.ProcessEnv {
  const prefix = 'AzureFunctionsJobHost';
  return {
    ...env,
    ...(storage === 'memory' && {
      [`${prefix}__extensions__durableTask__storageProvider__type`]: 'memory',
    }),
    ...Object.fromEntries(
      (functions ?? []).map((name, index) => [`${prefix}__functions__${index}`, name]),
    ),
  };
}

function bannerLines(config: Config, version: string): readonly string[] {
  return [
    '',
    `durable-functions-extension ${version} on Node ${process.version}`,
    `Task hub: ${config.durableTask.hubName}`,
    `Storage:  ${storageText(config)}`,
  ];
}

/** Never the connection string: it holds the key. */
function storageText({ connection }: Config): string {
  return connection === undefined
    ? 'memory (gone when the host stops)'
    : describeAccount(connection);
}

function addressOf(config: Config, options: StartOptions): { readonly address?: string } {
  const address = options.address ?? config.localHttp.address;
  return address === undefined ? {} : { address };
}

function failureLines(error: unknown, { scriptRoot, verbose }: StartOptions): readonly string[] {
  if (error instanceof ConfigError) return error.problems.map(describeProblem);
  if (verbose && error instanceof Error && error.stack !== undefined) return [error.stack];
  if (error instanceof DurableError) return [oneLine(error.message)];
  const where = path.resolve(scriptRoot);
  return [`The host for ${where} could not be started: ${oneLine(String(error))}`];
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

function whenAborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener(
      'abort',
      () => {
        resolve('aborted');
      },
      { once: true },
    );
  });
}

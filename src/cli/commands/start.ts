/**
 * `func start`: reads the settings, says what it starts, starts the host, lists the functions, and waits for a signal. What
 * can go wrong at the start is one line each on stderr and exit code 1. Mirrors StartHostAction of Core Tools.
 */
import path from 'node:path';
import { ConfigError, describeProblem } from '../../config/config-error.ts';
import { findUpwards, isFolder } from '../../config/config-files.ts';
import type { Config } from '../../config/config.ts';
import { workerProcessCount } from '../../config/worker-process-count.ts';
import { DurableError, InvalidInputError } from '../../core/errors.ts';
import type { OpenPort } from '../../host/public-port.ts';
import { activeTraceId } from '../../host/active-trace.ts';
import { startHost, type Host } from '../../host/host.ts';
import { storeText } from '../../host/hub-store.ts';
import { listenForStopSignals } from '../../host/signals.ts';
import type { StartEmulator } from '../../host/emulator.ts';
import { createCategoryFilter } from '../../telemetry/category-filter.ts';
import { createConsoleSink } from '../../telemetry/console-sink.ts';
import { createJsonSink } from '../../telemetry/json-sink.ts';
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { redactKeys } from '../../telemetry/redact-keys.ts';
import { withoutRepeatedWarnings } from '../../telemetry/repeated-warnings.ts';
import { functionListLines } from '../function-list.ts';
import { outputFor } from '../json-output.ts';
import type { Output } from '../output.ts';
import { explainSlowStop } from './slow-stop.ts';
import { configOf, type StartOptions } from './start-options.ts';

/** Who ends the host, and whom it tells how far it got: the terminal, or the supervisor of a host with reload. */
export interface HostKeeper {
  readonly drain: AbortSignal;
  /** Aborts when what still runs shall be left to the next host, which waits. */
  readonly handOver?: AbortSignal;
  readonly abort: AbortSignal;
  readonly onConfigured?: (config: Config, processCount: number) => void;
  readonly onStarted?: (host: Host) => void;
  /** @default as a child of this process */
  readonly startEmulator?: StartEmulator;
  /** Of the processes of the app, from 1. @default the only one */
  readonly processNumber?: number;
  /** Opens the port that all processes of the app share, and their successors. @default a port of this process */
  readonly openSharedPort?: OpenPort;
  /** See HostOptions. */
  readonly knownBroken?: readonly string[] | undefined;
  /** See HostOptions. */
  readonly runRecord?: string | undefined;
}

const DEFAULT_PORT = 7071;

/** Runs until a signal comes or something the host needs dies. @returns the exit code. */
export async function runStart(options: StartOptions, output: Output): Promise<number> {
  const signals = listenForStopSignals();
  const stopExplaining = explainSlowStop(signals, outputFor(options, output));
  try {
    return await runKeptHost(options, output, signals);
  } finally {
    stopExplaining();
    signals.dispose();
  }
}

/**
 * Runs until its keeper ends it or something the host needs dies.
 * @param terminal takes lines as they are.
 * @returns the exit code.
 */
export async function runKeptHost(
  options: StartOptions,
  terminal: Output,
  keeper: HostKeeper,
): Promise<number> {
  const output = outputFor(options, terminal);
  try {
    await refuseFolderWithoutApp(path.resolve(options.scriptRoot));
    const config = await configOf(options);
    const processCount = workerProcessCount(config);
    keeper.onConfigured?.(config, processCount);
    const { processNumber = 1 } = keeper;
    const isAmongOthers = processCount > 1 && keeper.openSharedPort !== undefined;
    // What is the same in all processes is said by the first one.
    const shown = processNumber === 1 ? output : withoutLines(output);
    for (const line of bannerLines(config, options.version)) shown.line(line);
    if (isAmongOthers) shown.line(`Processes: ${processCount}`);
    else if (processCount > 1)
      output.note(`With a debugger, the app runs in one process, and not in ${processCount}.`);
    const log = withoutRepeatedWarnings(
      createSink(config, options, terminal, isAmongOthers ? processNumber : undefined),
    );
    return await runHost(config, { options, output: shown, log, keeper });
  } catch (error) {
    for (const line of failureLines(error, options)) output.error(line);
    return 1;
  }
}

/** @param processNumber of several processes that log to the same place. */
function createSink(
  config: Config,
  { verbose, jsonLogs }: StartOptions,
  terminal: Output,
  processNumber: number | undefined,
): Logger {
  const isShown = createCategoryFilter({ rules: config.logLevels, verbose });
  const prefix = processNumber === undefined ? '' : `[process ${processNumber}] `;
  if (!jsonLogs) {
    const writeLine = (line: string): void => {
      terminal.line(`${prefix}${redactKeys(line)}`);
    };
    return createConsoleSink({ isShown, verbose, colors: terminal.colors, writeLine });
  }
  return createJsonSink({
    isShown,
    traceId: activeTraceId(config),
    common: { process: processNumber },
    writeLine: (line) => {
      terminal.line(redactKeys(line));
    },
  });
}

function withoutLines(output: Output): Output {
  return { ...output, line: () => undefined };
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
  const isFirst = (keeper.processNumber ?? 1) === 1;
  if (isFirst) {
    for (const notice of config.notices) text(log, 'warning', 'Host.Startup', notice);
  }
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
    openPort: keeper.openSharedPort,
    runsTriggers: isFirst,
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
  // VS Code's problem matcher for `func host start` waits for this line, and attaches its debugger then.
  output.line('Worker process started and initialized.');
  for (const line of functionListLines(host.functions)) output.line(line);
  if (host.dashboardUrl !== undefined) output.line(`Dashboard: ${host.dashboardUrl}`);
  if (!options.verbose) output.line('For detailed output, run func with --verbose flag.');
  text(log, 'information', 'Host.Startup', `Host started on ${host.url}.`);
}

function bannerLines(config: Config, version: string): readonly string[] {
  return [
    '',
    `durable-functions-extension ${version} on Node ${process.version}`,
    `Task hub: ${config.durableTask.hubName}`,
    // What is open, the host finds when it knows the functions of the app, and says then.
    ...(config.storeSetting === 'emulator' ? [] : [`Storage:  ${storeText(config)}`]),
  ];
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

/**
 * `func start`: reads the settings, says what it starts, starts the host, lists the functions, and waits for a signal. What
 * can go wrong at the start is one line each on stderr and exit code 1. Mirrors StartHostAction of Core Tools.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ConfigError, describeProblem } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { DurableError } from '../../core/errors.ts';
import { startHost, type Host } from '../../host/host.ts';
import { listenForStopSignals, type StopSignals } from '../../host/signals.ts';
import { createCategoryFilter } from '../../telemetry/category-filter.ts';
import { createConsoleSink } from '../../telemetry/console-sink.ts';
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { functionListLines } from '../function-list.ts';
import type { Output } from '../output.ts';

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
}

const DEFAULT_PORT = 7071;

/** Runs until a signal comes or something the host needs dies. @returns the exit code. */
export async function runStart(options: StartOptions, output: Output): Promise<number> {
  const signals = listenForStopSignals();
  try {
    const config = await loadConfig({
      scriptRoot: options.scriptRoot,
      env: overridden(process.env, options),
      cpuCount: availableParallelism(),
      ...(options.port !== undefined && { explicitPort: options.port }),
    });
    for (const line of bannerLines(config, options.version)) output.line(line);
    const log = createConsoleSink({
      isShown: createCategoryFilter({ rules: config.logLevels, verbose: options.verbose }),
      verbose: options.verbose,
      colors: output.colors,
      writeLine: (line) => {
        output.line(line);
      },
    });
    return await runHost(config, { options, output, log, signals });
  } catch (error) {
    for (const line of failureLines(error, options)) output.error(line);
    return 1;
  } finally {
    signals.dispose();
  }
}

interface Surroundings {
  readonly options: StartOptions;
  readonly output: Output;
  readonly log: Logger;
  readonly signals: StopSignals;
}

async function runHost(config: Config, around: Surroundings): Promise<number> {
  const { options, output, log, signals } = around;
  for (const notice of config.notices) text(log, 'warning', 'Host.Startup', notice);
  const starting = startHost({
    config,
    version: options.version,
    port: config.localHttp.port ?? DEFAULT_PORT,
    ...addressOf(config, options),
    log,
    say: (line) => {
      output.line(line);
    },
  });
  const host = await Promise.race([starting, whenAborted(signals.abort)]);
  if (host === 'aborted') return 1;
  announce(host, around);
  const ending = await Promise.race([whenAborted(signals.drain), host.failed]);
  const failure = ending === 'aborted' ? undefined : ending;
  if (failure !== undefined) output.error(failure.message);
  const stopped = await Promise.race([host.stop(signals.abort), whenAborted(signals.abort)]);
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
  if (connection === undefined) return 'memory (gone when the host stops)';
  const { accountName, queueEndpoint } = connection.account;
  const { host } = new URL(queueEndpoint);
  return accountName === undefined ? host : `${accountName} (${host})`;
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

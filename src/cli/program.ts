/**
 * The commands and options of `func`, as Core Tools spells them. Differences on purpose: an unknown command or option is an
 * error (exit code 1) that names the nearest known one; Core Tools prints help or ignores it, with exit code 0.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ownMember } from '../base/own-member.ts';
import { OWN_FOLDER } from '../base/own-package.ts';
import { DurableError } from '../core/errors.ts';
import { completionScript, SHELLS, type Shell } from './commands/completion.ts';
import { addDurable } from './commands/durable/durable.ts';
import { addHelp } from './commands/help.ts';
import { addInit } from './commands/init/init.ts';
import { addNew } from './commands/new/new.ts';
import { addSettings } from './commands/settings/settings.ts';
import { isEmpty } from './commands/node-arguments.ts';
import { processNeedsOf, type StartOptions } from './commands/start-options.ts';
import { STORAGE_KINDS, type StorageKind } from './commands/storage-option.ts';
import { addTemplates } from './commands/templates-list.ts';
import { choiceOption } from './option-choice.ts';
import { normalizeOptions } from './option-spelling.ts';
import { outputFor } from './json-output.ts';
import type { Output } from './output.ts';

const EXIT_SUCCESS = 0;
const EXIT_FAILURE = 1;

/** Options of Core Tools that this host does not have, with the way out. */
const UNSUPPORTED_OPTIONS: Readonly<Record<string, string>> = {
  '--useHttps': 'put a reverse proxy with a certificate in front of the host',
  '--cert': 'put a reverse proxy with a certificate in front of the host',
  '--password': 'put a reverse proxy with a certificate in front of the host',
  '--language-worker': 'set languageWorkers__node__arguments=--inspect=9229 to debug the app',
  '--dotnet-isolated-debug': 'this host runs Node apps only',
  '--csx': 'this host runs Node apps only',
  '--csharp': 'this host runs Node apps only',
  '--dotnet': 'this host runs Node apps only',
  '--dotnet-isolated': 'this host runs Node apps only',
  '--java': 'this host runs Node apps only',
  '--python': 'this host runs Node apps only',
  '--powershell': 'this host runs Node apps only',
  '--custom': 'this host runs Node apps only',
  '--target-framework': 'this host runs Node apps only',
  '--managed-dependencies': 'this host runs Node apps only',
  '--docker-only': 'func init --docker writes what is missing, and leaves what is there',
  '--runtime': 'this host runs Node apps only',
  '--enable-json-output': 'host.json logging.logLevel chooses what is logged',
  '--json-output-file': 'host.json logging.logLevel chooses what is logged',
  '--user-log-level': 'host.json logging.logLevel chooses what is logged',
};

/** Commands of Core Tools that this version does not have, with the way out. */
const UNSUPPORTED_COMMANDS: Readonly<Record<string, string>> = {
  extensions: 'this host needs no extensions',
  bundles: 'this host needs no extension bundles',
  azure:
    'use the Azure CLI: az functionapp deployment source config-zip publishes an app, see docs/azure.md',
  azurecontainerapps: 'use the Azure CLI: az containerapp up',
  deploy: 'use kubectl apply, see docs/kubernetes.md, or the Azure CLI (az)',
  kubernetes: 'use kubectl apply, see docs/kubernetes.md',
  logs: 'logs are on the standard output of the host: kubectl logs, docker logs, or az webapp log tail for an app in Azure',
  pack: 'npm ci --omit=dev, then zip -r app.zip . makes the archive that az functionapp deployment source config-zip takes',
  run: 'start the app (func start), then POST {"input":""} to http://localhost:7071/admin/functions/<name>',
};

interface StartFlags {
  readonly port?: number;
  readonly address?: string;
  readonly scriptRoot?: string;
  readonly prefix?: string;
  readonly verbose?: boolean;
  readonly jsonLogs?: boolean;
  readonly functions?: readonly string[];
  readonly storage?: StorageKind;
  readonly reload: boolean;
  readonly enableAuth?: boolean;
  readonly cors?: string;
  readonly corsCredentials?: boolean;
}

/** Runs `func <args>`. @returns the exit code. Never throws. */
export async function runProgram(args: readonly string[], output: Output): Promise<number> {
  let exitCode = EXIT_SUCCESS;
  const done = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram(output, done, async (options) => {
    const { isDebugged, runStartWithReload } = await import('./commands/start-with-reload.ts');
    const { processCount, nodeArguments } = await processNeedsOf(options);
    // What is for Node itself can only be told to a process that begins.
    const isSupervised = options.reload || processCount > 1 || !isEmpty(nodeArguments);
    if (isSupervised && !isDebugged()) {
      done(await runStartWithReload(options, nodeArguments, outputFor(options, output)));
      return;
    }
    if (options.reload)
      outputFor(options, output).note(
        'With a debugger, the app stays as it is when its files change.',
      );
    // The host with all it needs is loaded by the process that it runs in: the others begin sooner.
    const { runStart } = await import('./commands/start.ts');
    done(await runStart(options, output));
  });
  try {
    const refusal = refusalOf(args);
    if (refusal !== undefined) {
      output.error(refusal);
      return EXIT_FAILURE;
    }
    const context = contextOf(args, program);
    if (context !== undefined) {
      output.line(context.helpInformation().trimEnd());
      return EXIT_SUCCESS;
    }
    await program.parseAsync(normalize(args, program), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (error instanceof DurableError) {
      output.error(error.message);
      return EXIT_FAILURE;
    }
    output.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT_FAILURE;
  }
}

/** What gets its help printed because no command of it is given: `func`, `func host`, `func durable`. */
function contextOf(args: readonly string[], program: Command): Command | undefined {
  const [name, ...rest] = args;
  if (name === undefined) return program;
  const context = findCommand(program, name);
  return rest.length === 0 && context !== undefined && context.commands.length > 0
    ? context
    : undefined;
}

/** Why arguments that Core Tools would take are refused. */
function refusalOf(args: readonly string[]): string | undefined {
  const [command = ''] = args;
  const wayOut = ownMember(UNSUPPORTED_COMMANDS, command.toLowerCase());
  if (wayOut !== undefined) return `The command '${command}' is not supported: ${wayOut}.`;
  const option = args.find((arg) => Object.hasOwn(UNSUPPORTED_OPTIONS, arg));
  if (option === undefined) return undefined;
  return `The option ${option} is not supported: ${ownMember(UNSUPPORTED_OPTIONS, option) ?? ''}.`;
}

function createProgram(output: Output, done: (exitCode: number) => void, start: Start): Command {
  const program = new Command('func')
    .description('Runs Durable Functions apps on Node, without .NET.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        output.line(text.trimEnd());
      },
      writeErr: (text) => {
        output.error(text.trimEnd());
      },
      // `error: unknown command 'strat'` and its `(Did you mean start?)` on one line.
      outputError: (text, write) => {
        write(
          text
            .trim()
            .replace(/^error: /, '')
            .replaceAll('\n', ' '),
        );
      },
    });
  program
    .command('version')
    .description('print the version')
    .action(() => {
      output.line(packageVersion());
    });
  addStart(program, start);
  addInit(program, output);
  addNew(program, output);
  addSettings(program, output);
  addTemplates(program, output);
  const host = program.command('host').description('commands of the host');
  addStart(host, start);
  addNew(program.command('function').description('commands for functions'), output);
  addDurable(program, output, done);
  addHelp(program, output);
  program
    .command('completion')
    .description('print a script that completes commands and options in the shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => {
      output.line(completionScript(shell, program));
    });
  return program;
}

type Start = (options: StartOptions) => Promise<void>;

function addStart(parent: Command, start: Start): void {
  parent
    .command('start')
    .description('start the function app in this folder')
    .option(
      '-p, --port <number>',
      'port to listen on (default: Host.LocalHttpPort of local.settings.json, or 7071)',
      parsePort,
    )
    .option('--address <ip>', 'address to listen on (default: Host.LocalHttpAddress, or 127.0.0.1)')
    .option('--script-root <folder>', 'folder of the app (default: the current folder)')
    .addOption(new Option('--prefix <folder>', 'same as --script-root').hideHelp())
    .option(
      '--enable-auth',
      'ask callers for keys (always so when --address lets others than this machine call)',
    )
    .addOption(new Option('--enableAuth').hideHelp())
    .option('--cors <origins>', 'origins of pages that may call, separated by commas; * for all')
    .option('--cors-credentials', 'allow such calls to send cookies and authorization headers')
    .option('--functions <names...>', 'load these functions only')
    .option('--verbose', 'log what the host does, not only what the functions do')
    .option('--json-logs', 'log one JSON object a line, for programs that collect logs')
    .addOption(
      choiceOption(
        '--storage <kind>',
        'where the task hub lives: in the storage account, in a folder (.durable), in memory until the host stops (default: as the settings say; a folder when there is neither account nor emulator)',
        STORAGE_KINDS,
      ),
    )
    .option('--no-reload', 'keep the app as it is when its files change')
    // Accepted because scripts pass them; there is nothing to build, and no start timeout to change.
    .addOption(new Option('--no-build').hideHelp())
    .addOption(new Option('-t, --timeout <seconds>').hideHelp())
    // The language is that of the files.
    .addOption(new Option('--javascript').hideHelp())
    .addOption(new Option('--typescript').hideHelp())
    .addOption(new Option('--node').hideHelp())
    .allowExcessArguments(false)
    .action(async (flags: StartFlags) => {
      const { port, address, cors, corsCredentials } = flags;
      const options: StartOptions = {
        version: packageVersion(),
        scriptRoot: flags.scriptRoot ?? flags.prefix ?? '.',
        ...(flags.storage !== undefined && { storage: flags.storage }),
        verbose: flags.verbose ?? false,
        jsonLogs: flags.jsonLogs ?? false,
        reload: flags.reload,
        ...(port !== undefined && { port }),
        ...(address !== undefined && { address }),
        ...(cors !== undefined && { cors }),
        ...(corsCredentials !== undefined && { corsCredentials }),
        enableAuth: flags.enableAuth ?? false,
        ...(flags.functions !== undefined && {
          functions: flags.functions.flatMap((name) => name.split(',')).filter(Boolean),
        }),
      };
      await start(options);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new InvalidArgumentError('A port is a whole number from 0 (any free port) to 65535.');
  }
  return port;
}

/** Command names in lower case, as Core Tools takes them in any case, and options in their usual spelling. */
function normalize(args: readonly string[], program: Command): string[] {
  const names: string[] = [];
  let command = program;
  for (const arg of args) {
    const next = findCommand(command, arg);
    if (next === undefined) break;
    names.push(next.name());
    command = next;
  }
  const rest = args.slice(names.length).map((arg) => (arg === '-?' ? '--help' : arg));
  // A word where a command is expected: the nearest one is looked for without case, too.
  if (command.commands.length > 0) rest.splice(0, 1, ...rest.slice(0, 1).map(inLowerCase));
  return [...names, ...normalizeOptions(rest, command)];
}

function inLowerCase(word: string): string {
  return /^[-/]/.test(word) ? word : word.toLowerCase();
}

function findCommand(parent: Command, name: string): Command | undefined {
  const wanted = name.toLowerCase();
  return parent.commands.find(
    (entry) => entry.name() === wanted || entry.aliases().includes(wanted),
  );
}

function packageVersion(): string {
  const file = path.join(OWN_FOLDER, 'package.json');
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return parsed.version;
}

/**
 * `func init [folder]`: the files of a new app. Nothing that is there is overwritten without `--force`, and no secret with it. Unlike Core Tools it
 * leaves `npm install` to the user, who sees its output and needs no network before. Mirrors InitAction of Core Tools.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Argument, Option, type Command } from 'commander';
import { ownMember } from '../../../base/own-member.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { exists } from '../../files.ts';
import { choiceOption } from '../../option-choice.ts';
import type { Output } from '../../output.ts';
import { MODELS, type Language, type Model } from '../../templates/template.ts';
import {
  addLanguageOptions,
  chooseLanguage,
  saidLanguage,
  type LanguageFlags,
} from '../language.ts';
import { addMissingSettings, FILE_NAME as SETTINGS_FILE } from '../settings/settings-file.ts';
import { BUNDLE_CHANNELS, NEW_SETTINGS, newAppFiles, type BundleChannel } from './app-files.ts';
import { ownPackageSpec } from './own-package.ts';

export interface InitFlags extends LanguageFlags {
  readonly workerRuntime?: string;
  readonly model: Model;
  readonly sourceControl?: boolean;
  readonly force?: boolean;
  readonly docker?: boolean;
  readonly bundle: boolean;
  readonly bundlesChannel: BundleChannel;
}

/** Values of `--worker-runtime` that choose the language, too. */
const RUNTIME_LANGUAGES: Readonly<Record<string, Language | undefined>> = {
  node: undefined,
  javascript: 'javascript',
  typescript: 'typescript',
};

export function addInit(parent: Command, output: Output): void {
  const command = parent
    .command('init')
    .description('create a function app in this folder, or in the one that is named')
    .addArgument(new Argument('[folder]', 'created when missing'))
    .option('--worker-runtime <name>', 'node, javascript or typescript (default: node)');
  addLanguageOptions(command)
    .addOption(
      new Option(
        '-m, --model <version>',
        'programming model: v4 registers in code, v3 has function.json',
      )
        .argParser(parseModel)
        .default('v4'),
    )
    .option('--docker', 'write a Dockerfile, too')
    .option('--source-control', 'make the folder a git repository')
    .option('--force', 'overwrite files that are there; local.settings.json keeps its values')
    .option(
      '--no-bundle',
      'name no extension bundle in host.json; this host needs none, Azure does',
    )
    .addOption(
      choiceOption(
        '-c, --bundles-channel <name>',
        'channel of the extension bundle',
        BUNDLE_CHANNELS,
      ).default('GA'),
    )
    .option('--script-root <folder>', 'folder to work in (default: the current folder)')
    .addOption(new Option('--prefix <folder>').hideHelp())
    .addOption(new Option('--skip-npm-install').hideHelp())
    .allowExcessArguments(false)
    .action(async (name: string | undefined, flags: InitFlags & FolderFlags) => {
      const folder = path.resolve(folderOf(flags), name ?? '.');
      const { hasOwnFunc } = await initApp(folder, flags, output);
      const func = hasOwnFunc ? 'npx func' : 'func';
      output.line('');
      output.line(
        `Next:${name === undefined ? '' : ` cd ${name},`} npm install, ${func} new, npm start.`,
      );
    });
}

export interface FolderFlags {
  readonly scriptRoot?: string;
  readonly prefix?: string;
}

export function folderOf({ scriptRoot, prefix }: FolderFlags): string {
  return path.resolve(scriptRoot ?? prefix ?? '.');
}

export interface InitializedApp {
  readonly language: Language;
  /** Whether `npm install` brings the app a `func` of its own. */
  readonly hasOwnFunc: boolean;
}

/** @throws {InvalidInputError} for another runtime, or when the language is not said. */
export async function initApp(
  folder: string,
  flags: InitFlags,
  output: Output,
): Promise<InitializedApp> {
  const language = await chooseLanguage(saidLanguage(flags) ?? languageOfRuntime(flags), output);
  const { model } = flags;
  const own = await ownPackageSpec();
  const files = newAppFiles({
    appName: path.basename(folder),
    language,
    model,
    bundleChannel: flags.bundle ? flags.bundlesChannel : undefined,
    ownPackage: own,
    docker: flags.docker ?? false,
  });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    if (await exists(file)) {
      if (flags.force !== true) {
        output.line(`${name} already exists. Skipped!`);
        continue;
      }
      if (name === SETTINGS_FILE) {
        await keepSettings(file, output);
        continue;
      }
    }
    output.line(`Writing ${name}`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  if (model === 'v4') await mkdir(path.join(folder, 'src', 'functions'), { recursive: true });
  if (flags.sourceControl === true) await initGit(folder, output);
  if (own === undefined) {
    output.note(
      'package.json does not name durable-functions-extension, since this func was not installed from a registry: npm start finds func on the PATH.',
    );
  }
  return { language, hasOwnFunc: own !== undefined };
}

/** Even with --force: the secrets in it are in no other place. */
async function keepSettings(file: string, output: Output): Promise<void> {
  try {
    const { hasComments } = await addMissingSettings(file, NEW_SETTINGS);
    output.line(`Keeping the values of ${SETTINGS_FILE}`);
    if (hasComments) output.note(`The comments in ${file} were lost: JSON has none.`);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    output.note(`${SETTINGS_FILE} was left as it is. ${error.message}`);
  }
}

function languageOfRuntime({ workerRuntime = 'node' }: InitFlags): Language | undefined {
  const runtime = workerRuntime.toLowerCase();
  if (Object.hasOwn(RUNTIME_LANGUAGES, runtime)) return ownMember(RUNTIME_LANGUAGES, runtime);
  throw new InvalidInputError(
    `The worker runtime '${workerRuntime}' is not supported: this host runs Node apps only. Use node, or Core Tools for other languages.`,
  );
}

function parseModel(text: string): Model {
  const model = MODELS.find((known) => known === text.toLowerCase());
  if (model !== undefined) return model;
  throw new InvalidInputError(`'${text}' is no programming model; there are V3 and V4.`);
}

async function initGit(folder: string, output: Output): Promise<void> {
  if (await exists(path.join(folder, '.git'))) return;
  await promisify(execFile)('git', ['init', '--quiet'], { cwd: folder });
  output.line('Initialized an empty git repository.');
}

/** `func new`: a function from a template, in the programming model and the language of the app. Mirrors CreateFunctionAction. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { nearestName } from '../../../config/nearest-name.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { exists } from '../../files.ts';
import { choiceOption } from '../../option-choice.ts';
import type { Output } from '../../output.ts';
import {
  AUTH_LEVELS,
  DURABLE_SDK,
  type AuthLevel,
  type FunctionTemplate,
  type Language,
  type TemplateRequest,
} from '../../templates/template.ts';
import { findTemplate, templatesOf } from '../../templates/templates.ts';
import { folderOf, initApp, type FolderFlags } from '../init/init.ts';
import { addLanguageOptions, saidLanguage, type LanguageFlags } from '../language.ts';
import { readAppPackage } from './app-package.ts';
import { functionFiles } from './function-files.ts';

interface NewFlags extends FolderFlags, LanguageFlags {
  readonly template?: string;
  readonly name?: string;
  readonly authlevel?: AuthLevel;
  readonly file?: string;
  readonly force?: boolean;
}

export function addNew(parent: Command, output: Output): void {
  const command = parent
    .command('new')
    .alias('create')
    .description('create a function from a template')
    .option('-t, --template <name>', 'see func templates list')
    .option('-n, --name <name>', 'name of the function');
  addLanguageOptions(command)
    .addOption(
      choiceOption(
        '-a, --authlevel <level>',
        'who may call an HTTP function (default: anonymous; model v3: function)',
        AUTH_LEVELS,
      ),
    )
    .option(
      '-f, --file <path>',
      'file for the code (model v4; default: the folder that main of package.json names)',
    )
    .option('--force', 'overwrite a file that is there')
    .option('--script-root <folder>', 'folder of the app (default: the current folder)')
    .addOption(new Option('--prefix <folder>').hideHelp())
    .allowExcessArguments(false)
    .action(async (flags: NewFlags) => {
      await createFunction(folderOf(flags), flags, output);
    });
}

async function createFunction(folder: string, flags: NewFlags, output: Output): Promise<void> {
  if (output.ask === undefined && (flags.template === undefined || flags.name === undefined)) {
    throw new InvalidInputError(
      'Running with stdin\\stdout redirected. Command must specify --template, and --name explicitly.',
    );
  }
  if (flags.name !== undefined) checkedName(flags.name);
  if (!(await exists(path.join(folder, 'host.json')))) {
    refuseUnknownTemplate(flags);
    await initHere(folder, flags, output);
  }
  const app = await readAppPackage(folder);
  const language = saidLanguage(flags) ?? app.language;
  const templates = templatesOf(app.model);
  const asked = flags.template ?? (await askForTemplate(templates, output));
  const template = findTemplate(templates, asked);
  if (template === undefined) throw unknownTemplate(asked, language, templates);
  const { defaultName } = template;
  const said = flags.name ?? (await output.ask?.(`Function name: [${defaultName}] `)) ?? '';
  const name = checkedName(said === '' ? defaultName : said);
  const request: TemplateRequest = {
    name,
    language,
    isModule: app.isModule,
    authLevel: flags.authlevel ?? (app.model === 'v4' ? 'anonymous' : 'function'),
  };
  const files = functionFiles(template, request, { folder: app.functionsFolder, file: flags.file });
  if (flags.force !== true) await refuseExisting(folder, files, name);
  for (const [file, content] of Object.entries(files)) {
    output.line(`Writing ${file}`);
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
  const isAdded =
    template.needsDurable &&
    (await app.addDependency(DURABLE_SDK.name, DURABLE_SDK.versions[app.model]));
  if (isAdded) output.line("Added 'durable-functions' to package.json. Run npm install.");
  output.line(
    `The function "${name}" was created successfully from the "${template.name}" template.`,
  );
}

async function initHere(folder: string, flags: NewFlags, output: Output): Promise<void> {
  const common = { model: 'v4', bundle: true, bundlesChannel: 'GA' } as const;
  const language = saidLanguage(flags);
  await initApp(folder, language === undefined ? common : { ...common, language }, output);
}

/** Before an app is created for it, of the newest model. @throws {InvalidInputError} */
function refuseUnknownTemplate(flags: NewFlags): void {
  const { template } = flags;
  const templates = templatesOf('v4');
  if (template === undefined || findTemplate(templates, template) !== undefined) return;
  throw unknownTemplate(template, saidLanguage(flags) ?? 'javascript', templates);
}

/** @throws {InvalidInputError} for names that the host does not take. */
function checkedName(name: string): string {
  if (/^[a-z][a-z0-9_-]{0,127}$/i.test(name) && name.toLowerCase() !== 'host') return name;
  throw new InvalidInputError(
    `'${name}' is not a valid function name: it begins with a letter, has up to 128 letters, digits, '_' and '-', and is not 'host'.`,
  );
}

async function refuseExisting(
  folder: string,
  files: Readonly<Record<string, string>>,
  name: string,
): Promise<void> {
  for (const file of Object.keys(files)) {
    if (!(await exists(path.join(folder, file)))) continue;
    throw new InvalidInputError(
      `There is a function "${name}" already: ${file} exists. Choose another --name, or overwrite it with --force.`,
    );
  }
}

async function askForTemplate(
  templates: readonly FunctionTemplate[],
  output: Output,
): Promise<string> {
  templates.forEach(({ name, description }, index) => {
    output.note(`${index + 1}. ${name}: ${description}`);
  });
  const answer = (await output.ask?.('Number or name of the template: ')) ?? '';
  return templates[Number(answer) - 1]?.name ?? answer;
}

function unknownTemplate(
  name: string,
  language: Language,
  templates: readonly FunctionTemplate[],
): InvalidInputError {
  const names = templates.map((template) => template.name);
  const nearest = nearestName(name, names);
  const hint =
    nearest === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${nearest}"?`;
  return new InvalidInputError(`Can't find template "${name}" in "${language}". ${hint}`);
}

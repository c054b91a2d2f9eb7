/** `func settings`: the values of local.settings.json. Mirrors the settings actions of Core Tools. */
import { Option, type Command } from 'commander';
import { setOwnMember } from '../../../base/own-member.ts';
import { InvalidInputError, NotSupportedError } from '../../../core/errors.ts';
import { nearestName } from '../../../config/nearest-name.ts';
import type { Output } from '../../output.ts';
import { folderOf, type FolderFlags } from '../init/init.ts';
import {
  keyOf,
  openSettings,
  saveSettings,
  sectionOf,
  type SettingsFile,
} from './settings-file.ts';

interface SettingFlags extends FolderFlags {
  readonly connectionString?: boolean;
}

const HIDDEN = '*****';
/** What Core Tools writes beside a connection string. */
const PROVIDER_NAME = 'System.Data.SqlClient';

export function addSettings(program: Command, output: Output): void {
  const settings = program.command('settings').description('commands for local.settings.json');
  settings
    .command('list')
    .description('list the settings of the app')
    .option('-a, --showValue', 'show the values, too')
    .addOption(folderOption())
    .addOption(new Option('--prefix <folder>').hideHelp())
    .allowExcessArguments(false)
    .action(async (flags: FolderFlags & { readonly showValue?: boolean }) => {
      listSettings(await openSettings(folderOf(flags)), flags.showValue === true, output);
    });
  settings
    .command('add')
    .description('add a setting, or change it')
    .argument('<name>')
    .argument('<value>')
    .addOption(connectionStringOption())
    .addOption(folderOption())
    .addOption(new Option('--prefix <folder>').hideHelp())
    .allowExcessArguments(false)
    .action(async (name: string, value: string, flags: SettingFlags) => {
      const file = await openSettings(folderOf(flags));
      const section = sectionOf(file, sectionName(flags));
      const entry =
        flags.connectionString === true
          ? { ConnectionString: value, ProviderName: PROVIDER_NAME }
          : value;
      setOwnMember(section, keyOf(section, name) ?? name, entry);
      await save(file, output);
    });
  settings
    .command('delete')
    .description('delete a setting')
    .argument('<name>')
    .addOption(connectionStringOption())
    .addOption(folderOption())
    .addOption(new Option('--prefix <folder>').hideHelp())
    .allowExcessArguments(false)
    .action(async (name: string, flags: SettingFlags) => {
      const file = await openSettings(folderOf(flags));
      const section = sectionOf(file, sectionName(flags));
      const key = keyOf(section, name);
      if (key === undefined) throw unknownSetting(name, section, file);
      // A plain object from JSON, which keeps its order.
      Reflect.deleteProperty(section, key);
      await save(file, output);
    });
  refuseEncryption(settings);
}

/** Core Tools encrypts for one user on one machine; this host reads plain text only. */
function refuseEncryption(settings: Command): void {
  for (const name of ['encrypt', 'decrypt']) {
    const command = settings.command(name, { hidden: true }).allowUnknownOption();
    command.allowExcessArguments().action(() => {
      throw new NotSupportedError(
        `The command 'settings ${name}' is not supported: this host keeps settings as plain text. Use Core Tools for files that it encrypted.`,
      );
    });
  }
}

function listSettings(file: SettingsFile, isShown: boolean, output: Output): void {
  const list = (title: string, section: string): void => {
    output.line(title);
    for (const [name, value] of Object.entries(sectionOf(file, section))) {
      output.line(`   -> Name: ${name}`);
      output.line(`      Value: ${isShown ? textOf(value) : HIDDEN}`);
      output.line('');
    }
  };
  list('App Settings:', 'Values');
  list('Connection Strings:', 'ConnectionStrings');
}

function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'ConnectionString' in value) {
    return String(value.ConnectionString);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function save(file: SettingsFile, output: Output): Promise<void> {
  await saveSettings(file);
  if (file.hasComments) output.note(`The comments in ${file.path} were lost: JSON has none.`);
}

function unknownSetting(
  name: string,
  section: Readonly<Record<string, unknown>>,
  { path }: SettingsFile,
): InvalidInputError {
  const nearest = nearestName(name, Object.keys(section));
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  return new InvalidInputError(`There is no setting '${name}' in ${path}.${hint}`);
}

function sectionName({ connectionString }: SettingFlags): string {
  return connectionString === true ? 'ConnectionStrings' : 'Values';
}

function connectionStringOption(): Option {
  return new Option('--connectionString', 'it is one of ConnectionStrings, not of Values');
}

function folderOption(): Option {
  return new Option('--script-root <folder>', 'folder of the app (default: the current folder)');
}

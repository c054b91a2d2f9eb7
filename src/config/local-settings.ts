/**
 * local.settings.json: what stands for the app settings of Azure on a developer's machine, and how the local host listens.
 * Mirrors AppSettingsFile and HostStartSettings of Core Tools.
 */
import type { Findings } from './config-error.ts';
import { flag, integer, optionalText } from './setting-kinds.ts';
import { readSettings } from './setting-tree.ts';
import type { SettingContext } from './setting.ts';
import { describeNode, findSection, findSetting, type SettingsSection } from './settings-node.ts';

export interface LocalSettings {
  /** `Values`, and `ConnectionStrings` as `ConnectionStrings:<name>`. */
  readonly values: Readonly<Record<string, string>>;
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly cors: CorsSettings | undefined;
  /** False when the values could not be read. */
  readonly isComplete: boolean;
}

export interface CorsSettings {
  /** `*` stands for any. */
  readonly allowedOrigins: readonly string[];
  readonly allowCredentials: boolean;
}

export const NO_LOCAL_SETTINGS: LocalSettings = {
  values: {},
  port: undefined,
  address: undefined,
  cors: undefined,
  isComplete: true,
};

const localHostSettings = {
  /** 0: not set. */
  port: integer({
    path: 'Host.LocalHttpPort',
    default: 0,
    min: 1,
    max: 65_535,
    doc: 'Port that `func start` listens on.',
  }),
  address: optionalText({ path: 'Host.LocalHttpAddress', doc: 'Address it listens on.' }),
  cors: optionalText({ path: 'Host.CORS', doc: 'Origins that may call it, separated by commas.' }),
  corsCredentials: flag({
    path: 'Host.CORSCredentials',
    default: false,
    doc: 'Whether they may send credentials.',
  }),
  isEncrypted: flag({
    path: 'IsEncrypted',
    default: false,
    doc: 'Whether the values are encrypted.',
  }),
};

export function readLocalSettings(
  section: SettingsSection,
  context: SettingContext,
  findings: Findings,
): LocalSettings {
  const host = readSettings(localHostSettings, { section, context, findings });
  const values = readValues(section, findings);
  if (Object.keys(values).length > 0) {
    (host.isEncrypted ? reportEncryption : reportUnmarked)(section, findings);
  }
  return {
    values: host.isEncrypted ? {} : { ...values, ...readConnectionStrings(section) },
    port: host.port === 0 ? undefined : host.port,
    address: host.address,
    cors:
      host.cors === undefined
        ? undefined
        : { allowedOrigins: splitOrigins(host.cors), allowCredentials: host.corsCredentials },
    isComplete: !host.isEncrypted,
  };
}

function readValues(section: SettingsSection, findings: Findings): Record<string, string> {
  const values: [string, string][] = [];
  const all = findSetting(section, 'Values');
  if (all?.kind === 'value') {
    findings.problems.push({
      ...all.origin,
      value: describeNode(all),
      message: 'Values must be an object with settings.',
    });
  }
  for (const { name, node } of findSection(section, 'Values')?.members.values() ?? []) {
    if (node.kind === 'value') {
      values.push([name, node.text]);
    } else {
      findings.problems.push({
        ...node.origin,
        value: describeNode(node),
        message: `Failed to read app settings file at '${node.origin.file}'. A setting must be a string, a number or a boolean; write a nested one as '${name}__<name>'.`,
      });
    }
  }
  return Object.fromEntries(values);
}

/** `"Name": "text"`, or `"Name": { "ConnectionString": "text", "ProviderName": … }`. */
function readConnectionStrings(section: SettingsSection): Record<string, string> {
  const values: [string, string][] = [];
  for (const { name, node } of findSection(section, 'ConnectionStrings')?.members.values() ?? []) {
    const text = node.kind === 'value' ? node : findSetting(node, 'ConnectionString');
    if (text?.kind === 'value') {
      values.push([`ConnectionStrings:${name}`, text.text]);
    }
  }
  return Object.fromEntries(values);
}

function reportEncryption(section: SettingsSection, findings: Findings): void {
  findings.problems.push({
    file: section.origin.file,
    path: 'IsEncrypted',
    value: 'true',
    message:
      'Failed to decrypt settings. Only Core Tools on the machine that encrypted them can do that: ' +
      'run \'func settings decrypt\' there, or write the values as plain text with "IsEncrypted": false.',
  });
}

/** Core Tools takes a file without `IsEncrypted` as encrypted and then fails; here it is read as the plain text that it is. */
function reportUnmarked(section: SettingsSection, findings: Findings): void {
  if (findSetting(section, 'IsEncrypted') === undefined) {
    findings.notices.push(
      `${section.origin.file}: 'IsEncrypted' is missing; the values are read as plain text. Core Tools would take them as encrypted: add "IsEncrypted": false.`,
    );
  }
}

export function splitOrigins(text: string): readonly string[] {
  return text
    .split(',')
    .map((origin) => origin.trim().replace(/\/$/, ''))
    .filter((origin) => origin !== '');
}

/**
 * local.settings.json as `func settings` changes it: everything that is in it stays, in its order; only comments, which JSON
 * has no place for, are lost, and that is said.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ownMember, setOwnMember } from '../../../base/own-member.ts';
import { withoutBom } from '../../../base/json.ts';
import { findUpwards } from '../../../config/config-files.ts';
import {
  JsonSyntaxError,
  parseJsonWithComments,
  type JsonNode,
} from '../../../config/json-with-comments.ts';
import { InvalidInputError } from '../../../core/errors.ts';

export const FILE_NAME = 'local.settings.json';

type Values = Record<string, unknown>;

export interface SettingsFile {
  readonly path: string;
  /** Top level; other members than the known ones are kept. */
  readonly content: Values;
  readonly hasComments: boolean;
}

/** That of the app in `folder`. @throws {InvalidInputError} when there is no app, or the file cannot be read or is encrypted. */
export async function openSettings(folder: string): Promise<SettingsFile> {
  const hostJson = await findUpwards(folder, 'host.json');
  const home = hostJson === undefined ? undefined : path.dirname(hostJson);
  const file = await findUpwards(folder, FILE_NAME, home ?? folder);
  if (file !== undefined) return read(file);
  if (home === undefined) {
    throw new InvalidInputError(
      `There is no function app in ${folder}: neither host.json nor ${FILE_NAME}. Go to the folder of the app, or create one with func init.`,
    );
  }
  return {
    path: path.join(home, FILE_NAME),
    content: { IsEncrypted: false, Values: {} },
    hasComments: false,
  };
}

/**
 * Gives the file what `defaults` has and it lacks; what it has stays: secrets are in no other place.
 * @throws {InvalidInputError} when the file cannot be read or is encrypted. It stays as it is then, too.
 */
export async function addMissingSettings(
  file: string,
  defaults: Readonly<Record<string, string>>,
): Promise<SettingsFile> {
  const settings = await read(file);
  const values = sectionOf(settings, 'Values');
  const missing = Object.entries(defaults).filter(([name]) => keyOf(values, name) === undefined);
  for (const [name, value] of missing) setOwnMember(values, name, value);
  if (missing.length > 0) await saveSettings(settings);
  return { ...settings, hasComments: settings.hasComments && missing.length > 0 };
}

export async function saveSettings({ path: file, content }: SettingsFile): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** The section of that name, whatever its case; created when missing. @throws {InvalidInputError} when it is no object. */
export function sectionOf(settings: SettingsFile, name: string): Values {
  const key = keyOf(settings.content, name) ?? name;
  if (ownMember(settings.content, key) === undefined) setOwnMember(settings.content, key, {});
  const section = ownMember(settings.content, key);
  if (typeof section !== 'object' || section === null || Array.isArray(section)) {
    throw new InvalidInputError(`${settings.path}: '${key}' must be an object.`);
  }
  return section as Values;
}

/** The name as it is written there; names of settings have no case. */
export function keyOf(section: Values, name: string): string | undefined {
  return Object.keys(section).find((key) => key.toLowerCase() === name.toLowerCase());
}

async function read(file: string): Promise<SettingsFile> {
  const text = withoutBom(await readFile(file, 'utf8'));
  const content = plainValue(parse(text, file));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new InvalidInputError(`${file} must contain a JSON object.`);
  }
  const settings = { path: file, content: content as Values, hasComments: hasComments(text) };
  const encrypted = keyOf(settings.content, 'IsEncrypted');
  if (
    encrypted !== undefined &&
    String(ownMember(settings.content, encrypted)).toLowerCase() === 'true'
  ) {
    throw new InvalidInputError(
      `The values in ${file} are encrypted. Only Core Tools on the machine that encrypted them can read them: run 'func settings decrypt' of Core Tools there.`,
    );
  }
  return settings;
}

function parse(text: string, file: string): JsonNode {
  try {
    return parseJsonWithComments(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column, message } = error;
    throw new InvalidInputError(`${file}: line ${line}, column ${column}: ${message}.`, {
      cause: error,
    });
  }
}

function plainValue(node: JsonNode): unknown {
  switch (node.kind) {
    case 'string':
    case 'boolean':
      return node.value;
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    case 'array':
      return node.items.map(plainValue);
    case 'object':
      return Object.fromEntries(node.members.map(({ name, value }) => [name, plainValue(value)]));
  }
}

/** Whether anything begins a comment outside of strings. */
function hasComments(text: string): boolean {
  return /\/[/*]/.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));
}

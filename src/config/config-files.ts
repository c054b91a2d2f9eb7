/** Finds and reads the files of the configuration. What cannot be read is a problem, not an exception. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Findings } from './config-error.ts';
import { JsonSyntaxError, parseJsonWithComments, type JsonPosition } from './json-with-comments.ts';
import { toSettings, type SettingsSection } from './settings-node.ts';

/** The file of that name in `folder` or its nearest parent that has one; not above `lastFolder` when given. */
export async function findUpwards(
  folder: string,
  name: string,
  lastFolder?: string,
): Promise<string | undefined> {
  let current = folder;
  for (;;) {
    const path = join(current, name);
    if ((await kindOf(path)) === 'file') {
      return path;
    }
    const parent = dirname(current);
    if (current === lastFolder || parent === current) {
      return undefined;
    }
    current = parent;
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'folder';
}

/** @param failure the sentence that a problem begins with */
export async function readJsonFile(
  path: string,
  failure: string,
  findings: Findings,
): Promise<SettingsSection | undefined> {
  const report = (message: string, place?: JsonPosition): void => {
    findings.problems.push({ file: path, path: '', ...place, message: `${failure} ${message}` });
  };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    report(String(error));
    return undefined;
  }
  try {
    const settings = toSettings(parseJsonWithComments(text), path);
    if (settings?.kind === 'section' && !settings.isList) {
      return settings;
    }
    report('The file must contain a JSON object.', { line: 1, column: 1 });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) {
      throw error;
    }
    const { line, column, message } = error;
    report(`Line ${line}, column ${column}: ${message}.`, { line, column });
  }
  return undefined;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof Error && 'code' in error && isAbsence(error.code)) {
      return 'nothing';
    }
    throw error;
  }
}

/** EACCES too: a parent folder that may not be looked into holds nothing of ours. */
function isAbsence(code: unknown): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES';
}

/**
 * How the package.json of a new app names this package, so that `npm install` there finds it: its version when it was installed
 * from a registry, its file when it was installed from one. A checkout, or a link to it, cannot be named.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ownMember } from '../../../base/own-member.ts';
import { OWN_FOLDER } from '../../../base/own-package.ts';
import { isMissing } from '../../files.ts';

/** @param folder of this package */
export async function ownPackageSpec(folder: string = OWN_FOLDER): Promise<string | undefined> {
  const modules = path.dirname(folder);
  if (path.basename(modules) !== 'node_modules') return undefined;
  const { name, version } = await readJson<{ name: string; version: string }>(
    path.join(folder, 'package.json'),
  );
  const installed = path.join(modules, '.package-lock.json');
  if (!(await isFile(installed))) return `^${version}`;
  const { packages = {} } = await readJson<{ packages?: Record<string, { resolved?: string }> }>(
    installed,
  );
  const resolved = ownMember(packages, `node_modules/${name}`)?.resolved ?? '';
  if (!resolved.startsWith('file:')) return `^${version}`;
  const file = path.resolve(path.dirname(modules), resolved.slice('file:'.length));
  return (await isFile(file)) ? `file:${file}` : undefined;
}

async function readJson<Content>(file: string): Promise<Content> {
  return JSON.parse(await readFile(file, 'utf8')) as Content;
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Function apps in temporary folders: written file by file, or copied, with packages linked in from our own node_modules. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { REPOSITORY } from './func-process.ts';

export interface ScratchApp {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * @param options.copyOf folder whose files the app starts with.
 * @param options.files path → content; JSON for anything but text. A host.json is added when there is none.
 * @param options.packages name in the app → folder in our node_modules.
 */
export async function createScratchApp(options: {
  readonly copyOf?: string;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly packages?: Readonly<Record<string, string>>;
}): Promise<ScratchApp> {
  const folder = await mkdtemp(path.join(tmpdir(), 'function-app-'));
  if (options.copyOf !== undefined) await cp(options.copyOf, folder, { recursive: true });
  const files = options.files ?? {};
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(path.join(folder, name), text);
  }
  if (!existsSync(path.join(folder, 'host.json'))) {
    await writeFile(path.join(folder, 'host.json'), '{"version":"2.0"}');
  }
  for (const [name, source] of Object.entries(options.packages ?? {})) {
    const link = path.join(folder, 'node_modules', name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(REPOSITORY, 'node_modules', source), link);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export function isInstalled(packageName: string): boolean {
  return existsSync(path.join(REPOSITORY, 'node_modules', packageName));
}

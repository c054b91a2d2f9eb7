/** The files of the dashboard, as scripts/build.js has made them. Their names tell their content, but for the page itself. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { OWN_FOLDER } from '../../base/own-package.ts';

const FOLDER = path.join(OWN_FOLDER, 'dist/dashboard');
/** The page: what the path of the dashboard itself answers. */
export const PAGE = 'index.html';

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

export interface DashboardFile {
  readonly contentType: string;
  readonly text: string;
}

let files: Promise<ReadonlyMap<string, DashboardFile>> | undefined;

/** By name; empty when the dashboard was not built. Read once. */
export function dashboardFiles(): Promise<ReadonlyMap<string, DashboardFile>> {
  files ??= readFiles();
  return files;
}

async function readFiles(): Promise<ReadonlyMap<string, DashboardFile>> {
  const read = async (name: string): Promise<[string, DashboardFile][]> => {
    const contentType = CONTENT_TYPES.get(path.extname(name));
    if (contentType === undefined) return [];
    return [[name, { contentType, text: await readFile(path.join(FOLDER, name), 'utf8') }]];
  };
  const entries = await Promise.all((await namesIn(FOLDER)).map(read));
  return new Map(entries.flat());
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

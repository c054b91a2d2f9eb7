/**
 * The files that package.json's `main` names, and how a file of the app is loaded. Mirrors worker/src/loadScriptFile.ts and
 * startApp.ts: `.mjs` is imported, `.cjs` required, anything else goes by the `type` of the root package.json alone.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { importAddress } from './module-cache.ts';

export interface AppPackage {
  /** A file, a glob or a brace list, relative to the script root. */
  readonly main: string | undefined;
  readonly isModule: boolean;
}

/** A missing or broken package.json counts as an empty one; `warn` is told of a broken one. */
export async function readAppPackage(
  scriptRoot: string,
  warn: (message: string) => void,
): Promise<AppPackage> {
  const file = path.join(scriptRoot, 'package.json');
  try {
    const parsed: unknown = JSON.parse(stripBom(await readFile(file, 'utf8')));
    const { main, type } = (parsed ?? {}) as { main?: unknown; type?: unknown };
    return {
      main: typeof main === 'string' && main.trim() !== '' ? main : undefined,
      isModule: type === 'module',
    };
  } catch (error) {
    if (!isNotFound(error)) {
      warn(`${file} cannot be read and is taken as empty: ${String(error)}`);
    }
    return { main: undefined, isModule: false };
  }
}

/** Absolute paths, sorted: the official order is that of the file system. */
export async function findEntryPoints(
  scriptRoot: string,
  main: string,
): Promise<readonly string[]> {
  const pattern = main.replaceAll('\\', '/').replace(/^\.\//, '');
  const files = await glob(pattern, {
    cwd: scriptRoot,
    absolute: true,
    // `main` may name a folder's index only with its file name; as in the worker.
    expandDirectories: false,
  });
  return files.map((file) => path.normalize(file)).sort();
}

/** The exports of the file: module.exports, or the namespace of an ES module. */
export async function loadModule(file: string, app: AppPackage): Promise<unknown> {
  const extension = path.extname(file);
  const isModule = extension === '.mjs' || (extension !== '.cjs' && app.isModule);
  if (isModule) return (await import(importAddress(file))) as unknown;
  return createRequire(file)(file) as unknown;
}

function stripBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * The files that package.json's `main` names, and how a file of the app is loaded. Mirrors worker/src/loadScriptFile.ts and
 * startApp.ts: `.mjs` is imported, `.cjs` required, anything else goes by the `type` of the root package.json alone.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { glob, globSync } from 'tinyglobby';
import { importAddress } from './module-cache.ts';

export interface AppPackage {
  readonly name: string | undefined;
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
    const { name, main, type } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
    return {
      name: textOf(name),
      main: textOf(main),
      isModule: type === 'module',
    };
  } catch (error) {
    if (!isNotFound(error)) {
      warn(`${file} cannot be read and is taken as empty: ${String(error)}`);
    }
    return { name: undefined, main: undefined, isModule: false };
  }
}

/** Absolute paths, sorted: the official order is that of the file system. */
export async function findEntryPoints(
  scriptRoot: string,
  main: string,
): Promise<readonly string[]> {
  return sorted(await glob(patternOf(main), globOptions(scriptRoot)));
}

/** The same, for who cannot wait. */
export function findEntryPointsSync(scriptRoot: string, main: string): readonly string[] {
  return sorted(globSync(patternOf(main), globOptions(scriptRoot)));
}

function patternOf(main: string): string {
  return main.replaceAll('\\', '/').replace(/^\.\//, '');
}

function globOptions(scriptRoot: string) {
  // `main` may name a folder's index only with its file name; as in the worker.
  return { cwd: scriptRoot, absolute: true, expandDirectories: false } as const;
}

function sorted(files: readonly string[]): readonly string[] {
  return files.map((file) => path.normalize(file)).sort();
}

/** The exports of the file: module.exports, or the namespace of an ES module. */
export async function loadModule(file: string, app: AppPackage): Promise<unknown> {
  if (isImported(file, app)) return (await import(importAddress(file))) as unknown;
  return createRequire(file)(file) as unknown;
}

/** Whether the file is an ES module to the worker; others are required. */
export function isImported(file: string, { isModule }: Pick<AppPackage, 'isModule'>): boolean {
  const extension = path.extname(file);
  return extension === '.mjs' || (extension !== '.cjs' && isModule);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function stripBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

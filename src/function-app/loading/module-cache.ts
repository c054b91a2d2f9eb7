/**
 * Makes loading an app a second time in one process run its files again: what earlier apps had required is forgotten before,
 * and ES modules that were imported before are imported under a new address (Node cannot forget those).
 * The record hangs on `globalThis`, because the caches are the process's too.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

interface LoadedModules {
  required: ReadonlySet<string>;
  readonly imports: Map<string, number>;
}

const SLOT = Symbol.for('durable-functions-extension.loaded-modules');
const { cache } = createRequire(import.meta.url);

/** Forgets what apps had required before, and remembers what `load` requires now. */
export async function withFreshModules<T>(load: () => Promise<T>): Promise<T> {
  const loaded = loadedModules();
  for (const file of loaded.required) Reflect.deleteProperty(cache, file);
  loaded.required = new Set();
  return await withMoreModules(load);
}

/** For what the same app loads later: remembers what `load` requires, too. */
export async function withMoreModules<T>(load: () => Promise<T>): Promise<T> {
  const loaded = loadedModules();
  const before = new Set(Object.keys(cache));
  try {
    return await load();
  } finally {
    const added = Object.keys(cache).filter((file) => !before.has(file));
    loaded.required = new Set([...loaded.required, ...added]);
  }
}

/** The address to import the file by. */
export function importAddress(file: string): string {
  const { imports } = loadedModules();
  const count = imports.get(file) ?? 0;
  imports.set(file, count + 1);
  const url = pathToFileURL(file).href;
  return count === 0 ? url : `${url}?load=${count}`;
}

function loadedModules(): LoadedModules {
  const existing = Reflect.get(globalThis, SLOT) as LoadedModules | undefined;
  if (existing !== undefined) return existing;
  const modules: LoadedModules = { required: new Set(), imports: new Map() };
  Reflect.set(globalThis, SLOT, modules);
  return modules;
}

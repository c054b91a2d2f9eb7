// Joins the compiled modules into few files: finding and reading hundreds of them was a third of what the start of a host costs.
import { build } from 'esbuild';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What is run, imported or required from outside, by its path in dist. Everything else goes into files that these share. */
const DOORS = [
  'index',
  'cli/func',
  'cli/supervised-host',
  'host/azurite-process',
  'testing/cjs',
  'testing/index',
  'worker/main',
  'worker/preload',
  'worker/register',
  // For bench and tests.
  'base/at-most',
  'local/hub-database',
  'local/local-backend',
];
/** A folder of dist, as all others are: see src/base/own-package.ts. */
const SHARED = 'shared';
/** Are joined already. */
const OTHERS = ['azure-clients', 'dashboard'];

/** @param dist the folder of the compiled sources, whose modules are replaced. */
export async function joinModules(dist) {
  const { outputFiles } = await build({
    absWorkingDir: dist,
    entryPoints: DOORS.map((door) => `${door}.js`),
    outdir: dist,
    outbase: dist,
    bundle: true,
    // What doors share is one copy: it may hold what there is once in a process.
    splitting: true,
    chunkNames: `${SHARED}/[name]-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [{ name: 'azure-clients', setup: leaveAzureClients }],
    write: false,
    logLevel: 'warning',
  });
  const modules = modulesIn(dist);
  refuseNewNames(
    modules.map((file) => readFileSync(file, 'utf8')),
    outputFiles.map(({ text }) => text),
  );
  for (const file of modules) rmSync(file);
  for (const { path: file, contents } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  removeEmptyFolders(dist);
}

/** As seen from any folder of dist. */
function leaveAzureClients({ onResolve }) {
  onResolve({ filter: /\/azure-clients\/[a-z-]+\.js$/ }, ({ path: file }) => ({
    path: `../azure-clients/${path.posix.basename(file)}`,
    external: true,
  }));
}

function modulesIn(dist) {
  return readdirSync(dist, { recursive: true })
    .filter((name) => name.endsWith('.js') && !OTHERS.includes(name.split(path.sep)[0]))
    .map((name) => path.join(dist, name));
}

/**
 * Two classes of one name in one file: one of them would get another name, which users see in errors. One that speaks of itself gets
 * an underscore; that no error may have.
 */
function refuseNewNames(before, after) {
  const classesOf = (texts) => {
    const named = (text) => [...text.matchAll(/\bclass (\w+) (?:extends [^{]+)?\{/g)];
    return new Set(texts.flatMap((text) => named(text).map(([, name]) => name)));
  };
  const known = classesOf(before);
  const changed = [...classesOf(after)].filter(
    (name) => !known.has(name) && (name.endsWith('Error') || !known.has(name.slice(1))),
  );
  if (changed.length === 0) return;
  throw new Error(`By joining modules, classes got other names: ${changed.join(', ')}.`);
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(path.join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

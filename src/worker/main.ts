/**
 * `"main": "node_modules/durable-functions-extension/main.js"`: loads this package, and then the app, whose own `main` package.json
 * names as `durableFunctionsMain`: a file, a glob or a brace list. Apps with function.json need none. Synchronous, since the worker
 * requires it in CommonJS apps.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findEntryPointsSync, isImported } from '../function-app/loading/entry-points.ts';
import { findCoreModule } from './core-module.ts';
import { installInWorker } from './install.ts';

installInWorker();
loadEntryPoints(process.cwd());

/** @param appFolder the worker's working directory. @throws {Error} that says what package.json should name. */
function loadEntryPoints(appFolder: string): void {
  const { durableFunctionsMain: main, type } = JSON.parse(
    readFileSync(path.join(appFolder, 'package.json'), 'utf8').replace(/^\uFEFF/, ''),
  ) as { readonly durableFunctionsMain?: unknown; readonly type?: unknown };
  if (main === undefined && findEntryPointsSync(appFolder, '*/function.json').length > 0) return;
  if (typeof main !== 'string') {
    throw new Error(
      'package.json names durable-functions-extension/main.js as its main, and has to name the real one beside it: "durableFunctionsMain": "src/functions/*.js".',
    );
  }
  const files = findEntryPointsSync(appFolder, main);
  if (files.length === 0) {
    throw new Error(
      `There is no file for "durableFunctionsMain": "${main}" of package.json. If it is compiled from TypeScript, build the app first.`,
    );
  }
  const app = { isModule: type === 'module' };
  for (const file of files.filter((each) => !isImported(each, app))) createRequire(file)(file);
  importAtStart(files.filter((each) => isImported(each, app)));
}

/** ES modules take their time: they are loaded before the worker asks for the functions, by a hook that it waits for. */
function importAtStart(files: readonly string[]): void {
  if (files.length === 0) return;
  findCoreModule()?.registerHook('appStart', async () => {
    for (const file of files) await import(pathToFileURL(file).href);
  });
}

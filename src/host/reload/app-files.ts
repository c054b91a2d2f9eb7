/**
 * Which files of an app make it another one. As the Functions host has it: code, function.json and host.json, and what host.json
 * names in `watchDirectories` and `watchFiles`. Other JSON does not count: apps write such files while they run. Of
 * node_modules only the file counts that npm writes last, so that an install restarts the app once, and when it is complete.
 */
import path from 'node:path';
import type { WatchedApp } from './messages.ts';

const CODE = new Set(['.js', '.mjs', '.cjs']);
const NAMES = new Set(['host.json', 'local.settings.json', 'function.json', 'package.json']);
const INSTALLED = path.join('node_modules', '.package-lock.json');
/** The host itself writes its keys there, to a file named host.json. */
const SECRETS = path.join('data', 'Functions', 'secrets');

/** @param file absolute */
export function isAppFile(file: string, app: WatchedApp): boolean {
  if (app.settingFiles.includes(file) || file === path.join(app.scriptRoot, INSTALLED)) return true;
  if (isUnwatched(file, app)) return false;
  if (app.directories.some((folder) => isWithin(file, folder))) return true;
  const name = path.basename(file);
  return CODE.has(path.extname(name)) || NAMES.has(name) || app.fileNames.includes(name);
}

/** Whether nothing at this path, or below it, counts: node_modules, `.git`, `.azurite`, … @param file absolute */
export function isUnwatched(file: string, app: WatchedApp): boolean {
  if (app.settingFiles.includes(file)) return false;
  const installed = path.join(app.scriptRoot, INSTALLED);
  if (file === installed || file === path.dirname(installed)) return false;
  const root = app.directories.find((folder) => isWithin(file, folder)) ?? app.scriptRoot;
  if (isWithin(file, path.join(app.scriptRoot, SECRETS))) return true;
  const parts = path.relative(root, file).split(path.sep);
  return parts.some((part) => part === 'node_modules' || /^\.[^.]/.test(part));
}

function isWithin(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}

/**
 * Whose mistake an exception is that nobody caught, and whose call one that ends the process: the host runs the app's code in its
 * own process, and must neither die of the app's mistakes nor blame the app for its own. The stack tells; what it does not tell
 * is taken for the app's.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OWN_FOLDER } from '../base/own-package.ts';
import { describeThrown } from '../function-app/failure-text.ts';

/** The built code of this package, and its source, which source maps name instead. */
const OWN_FOLDERS: readonly string[] = ['dist', 'src'].map((name) => path.join(OWN_FOLDER, name));

type Owner = 'own' | 'app' | 'nobody';

/**
 * Whether code of this package ran, and none of the app. Packages count for nobody: both use them, often the same copies.
 * Never throws, whatever the value does.
 */
export function isOwnDefect(thrown: unknown, ownFolders: readonly string[] = OWN_FOLDERS): boolean {
  const owners = describeThrown(thrown)
    .stack.split('\n')
    .flatMap((line) => frameLocation(line) ?? [])
    .map((location) => ownerOf(location, ownFolders));
  return owners.includes('own') && !owners.includes('app');
}

/** Whether code of this package made the call whose stack this is: packages that the app calls count for the app. Never throws. */
export function isOwnCall(stack: string, ownFolders: readonly string[] = OWN_FOLDERS): boolean {
  const caller = stack
    .split('\n')
    .flatMap((line) => frameLocation(line) ?? [])
    .find((location) => fileOf(location) !== undefined);
  return caller !== undefined && ownerOf(caller, ownFolders) === 'own';
}

/** `    at work (/app/index.js:1:2)` → `/app/index.js`; undefined for a line that is no frame of a file. */
function frameLocation(line: string): string | undefined {
  return /^\s+at (?:.*\()?(?:async )?([^()]+):\d+:\d+\)?$/.exec(line)?.[1];
}

function ownerOf(location: string, ownFolders: readonly string[]): Owner {
  const file = fileOf(location);
  if (file === undefined) return 'nobody';
  if (ownFolders.some((folder) => file.startsWith(`${folder}${path.sep}`))) return 'own';
  return file.split(path.sep).includes('node_modules') ? 'nobody' : 'app';
}

/** undefined for what is no file, such as `node:internal/timers`; a stack may hold any text. */
function fileOf(location: string): string | undefined {
  if (!location.startsWith('file:')) return path.isAbsolute(location) ? location : undefined;
  try {
    return fileURLToPath(location);
  } catch {
    return undefined;
  }
}

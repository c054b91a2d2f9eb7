/**
 * Where this package lies. Told by this module alone: the build joins modules into files, so that a path that starts at one of them
 * has to be the same from `src/base` and from `dist/<any folder>`.
 */
import path from 'node:path';

/** The folder of its package.json. */
export const OWN_FOLDER = path.resolve(import.meta.dirname, '../..');

/** A program of ours to be run by Node: its source when the sources run, and its build when that does. @param name `cli/func` */
export function ownProgram(name: string): string {
  const file = import.meta.filename.endsWith('.ts') ? `src/${name}.ts` : `dist/${name}.js`;
  return path.join(OWN_FOLDER, file);
}

/** Compiles a TypeScript app by its own tsconfig.json, with the packages that it links to. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { REPOSITORY } from './func-process.ts';

/** @throws {Error} says what the compiler says. */
export function compileApp(folder: string): void {
  const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '--preserveSymlinks'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0 || stdout !== '') throw new Error(`tsc (${status}): ${stdout}`);
}

// Compiles src to dist and the TypeScript samples to their own dist, from clean.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');

function compile(project, output) {
  rmSync(path.join(root, output), { recursive: true, force: true });
  const run = spawnSync(process.execPath, [tsc, '-p', path.join(root, project)], {
    stdio: 'inherit',
    cwd: root,
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

compile('tsconfig.build.json', 'dist');
compile('samples/typescript/tsconfig.json', 'samples/typescript/dist');
chmodSync(path.join(root, 'dist', 'cli', 'func.js'), 0o755);

// Compiles src to dist, the dashboard to dist/dashboard, and the TypeScript samples to their own dist, from clean.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { bundleAzureClients } from './bundle-azure-clients.js';
import { joinModules } from './join-modules.js';
import { dropUnreachableDeclarations } from './reachable-declarations.js';

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

/** For a browser: one script and one style sheet, whose names tell their content, and the page that names them. */
async function bundleDashboard(source, output) {
  const { metafile } = await build({
    entryPoints: { dashboard: path.join(root, source, 'main.tsx') },
    outdir: path.join(root, output),
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2023', 'chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const names = Object.keys(metafile.outputs).map((file) => path.basename(file));
  const page = readFileSync(path.join(root, source, 'index.html'), 'utf8')
    .replace(
      '{{script}}',
      names.find((name) => name.endsWith('.js')),
    )
    .replace(
      '{{style}}',
      names.find((name) => name.endsWith('.css')),
    );
  writeFileSync(path.join(root, output, 'index.html'), page);
  copyFileSync(path.join(root, source, 'icon.svg'), path.join(root, output, 'icon.svg'));
}

compile('tsconfig.build.json', 'dist');
dropUnreachableDeclarations(root, path.join(root, 'dist'));
await bundleAzureClients(root, path.join(root, 'dist'));
await joinModules(path.join(root, 'dist'));
await bundleDashboard('src/dashboard', 'dist/dashboard');
compile('samples/typescript/tsconfig.json', 'samples/typescript/dist');
chmodSync(path.join(root, 'dist', 'cli', 'func.js'), 0o755);

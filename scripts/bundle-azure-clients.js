// The clients of Azure Storage go into dist as one bundle: installed as packages they are 30 of them and 40 MB on the disk, for the
// sake of browsers and of React Native; bundled they are 1.7 MB. Whoever changes their versions does it in package.json.
import { build } from 'esbuild';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const CLIENTS = ['core-rest-pipeline', 'data-tables', 'storage-blob', 'storage-queue'];
const FOLDER = 'azure-clients';

/** @param dist the folder of the compiled sources, which are changed to import the bundle. */
export async function bundleAzureClients(root, dist) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(CLIENTS.map((name) => [name, `@azure/${name}`])),
    outdir: path.join(dist, FOLDER),
    bundle: true,
    // What they share is one copy: errors of one client are known to all.
    splitting: true,
    chunkNames: 'shared-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // `debug` looks for it, and does without.
    external: ['supports-color'],
    metafile: true,
    logLevel: 'warning',
    // Some of what is bundled is CommonJS, and requires modules of Node.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
  });
  writeFileSync(
    path.join(dist, FOLDER, 'LICENSES.txt'),
    licenses(root, Object.keys(metafile.inputs)),
  );
  importBundle(dist);
}

function importBundle(dist) {
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith('.js') || name.startsWith(FOLDER)) continue;
    const file = path.join(dist, name);
    const text = readFileSync(file, 'utf8');
    const bundle = path.posix.relative(path.dirname(name).split(path.sep).join('/'), FOLDER);
    const changed = text.replaceAll(/ from '@azure\/([a-z-]+)';/g, (statement, client) =>
      CLIENTS.includes(client)
        ? ` from '${bundle.startsWith('.') ? bundle : `./${bundle}`}/${client}.js';`
        : statement,
    );
    if (changed !== text) writeFileSync(file, changed);
  }
}

/** Of all packages that are in the bundle, by name. */
function licenses(root, inputs) {
  const folders = inputs.flatMap(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(folders)]
    .sort()
    .map((folder) => licenseOf(path.join(root, folder)))
    .join('\n');
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8');
  return `== ${name} ${version} (${license})\n\n${text.trim()}\n`;
}

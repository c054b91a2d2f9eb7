// Installs what `npm pack` makes into an app that `func init` and `func new` have made, as a user would, and runs that app on Node
// 20, 22 and 24, taken from npm's `node` packages. Needs the registry: without it, that is said, and nothing is proven.
// npm run smoke -- [--manager npm|pnpm|yarn] [--node 20,22,24]
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const OWN_NAME = 'durable-functions-extension';
const START_DEADLINE_MS = 120_000;
/** Exit code for "could not be tried". */
const SKIPPED = 75;

const { values: options } = parseArgs({
  options: {
    manager: { type: 'string', default: 'npm' },
    node: { type: 'string', default: '20,22,24' },
  },
});

/** How each package manager installs an app for production. */
const MANAGERS = {
  npm: ['npm', ['install', '--omit=dev', '--no-audit', '--no-fund']],
  pnpm: ['npx', ['--yes', 'pnpm@10', 'install', '--prod']],
  yarn: ['npx', ['--yes', 'yarn@1', 'install', '--production', '--non-interactive']],
};
const install = MANAGERS[options.manager];
if (install === undefined) {
  throw new Error(`--manager is ${Object.keys(MANAGERS).join(', ')}, not ${options.manager}.`);
}

if (await answersRegistry()) {
  const folder = await mkdtemp(path.join(tmpdir(), 'smoke-'));
  try {
    await smoke(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} else {
  console.log('SKIPPED: the npm registry does not answer, so nothing was installed or run.');
  process.exitCode = SKIPPED;
}

async function answersRegistry() {
  const impatient = ['--fetch-retries=0', '--fetch-timeout=10000'];
  return await run('npm', ['view', 'durable-functions', 'version', ...impatient]).then(
    () => true,
    () => false,
  );
}

async function smoke(folder) {
  const archive = await pack(folder);
  const app = path.join(folder, 'app');
  await makeApp(app, archive);
  await run(...install, { cwd: app });
  weigh(app);
  const func = path.join(app, 'node_modules', OWN_NAME, 'dist/cli/func.js');
  for (const major of options.node.split(',')) {
    const node = await nodeOf(major, folder);
    const { stdout: version } = await run(node, ['--version'], { cwd: app });
    await runApp(app, node, func);
    console.log(`${version.trim()}: the app runs, and says what to install for a queue`);
  }
}

async function pack(folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: ROOT });
  return path.join(folder, JSON.parse(stdout)[0].filename);
}

async function makeApp(app, archive) {
  await mkdir(app);
  const func = (...args) =>
    run(process.execPath, [path.join(ROOT, 'dist/cli/func.js'), ...args], { cwd: app });
  await func('init', '--language', 'javascript');
  await func('new', '-t', 'Durable Functions orchestrator', '-n', 'hello');
  const file = path.join(app, 'package.json');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  content.dependencies[OWN_NAME] = `file:${archive}`;
  delete content.devDependencies;
  writeFileSync(file, JSON.stringify(content, null, 2));
}

/** Of what an app gets with this package: all but the SDKs, which it has anyway. */
function weigh(app) {
  const modules = path.join(app, 'node_modules');
  const { bytes, packages } = sizeOf(modules);
  console.log(
    `${options.manager}: ${packages} packages, ${(bytes / 1e6).toFixed(1)} MB, with the SDKs of the app`,
  );
}

function sizeOf(entry) {
  const sum = { bytes: 0, packages: 0 };
  for (const item of readdirSync(entry, { withFileTypes: true })) {
    const file = path.join(entry, item.name);
    if (item.isFile()) sum.bytes += statSync(file).size;
    if (item.isFile() && item.name === 'package.json' && isPackage(entry)) sum.packages += 1;
    if (!item.isDirectory()) continue;
    const below = sizeOf(file);
    sum.bytes += below.bytes;
    sum.packages += below.packages;
  }
  return sum;
}

function isPackage(entry) {
  const parent = path.dirname(entry);
  return path.basename(parent) === 'node_modules' || /node_modules\/@[^/]+$/.test(parent);
}

/** The binaries that npm's `node` package fetches are packages, too. */
async function nodeOf(major, folder) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const place = path.join(folder, `node-${major}`);
  await mkdir(place);
  writeFileSync(path.join(place, 'package.json'), '{"private":true}');
  const name = `node-${process.platform}-${process.arch}`;
  await run('npm', ['install', `${name}@${major}`, '--no-audit', '--no-fund'], { cwd: place });
  return path.join(place, 'node_modules', name, 'bin/node');
}

async function runApp(app, node, func) {
  await withHost(app, node, func, async (url) => {
    const started = await fetch(`${url}/api/orchestrators/helloOrchestrator`, { method: 'POST' });
    const { statusQueryGetUri } = await started.json();
    const answer = await fetch(statusQueryGetUri, { headers: { prefer: 'wait=60' } });
    const { runtimeStatus, output } = await answer.json();
    if (runtimeStatus !== 'Completed') throw new Error(`The orchestration is ${runtimeStatus}.`);
    if (JSON.stringify(output) !== '["Hello, Tokyo","Hello, Seattle","Hello, Cairo"]') {
      throw new Error(`The orchestration returned ${JSON.stringify(output)}.`);
    }
  });
  const file = path.join(app, 'src/functions/queue.js');
  writeFileSync(
    file,
    "require('@azure/functions').app.storageQueue('listen', { queueName: 'q', connection: '', handler() {} });",
  );
  const args = [func, 'start', '--port', '0', '--no-reload', '--storage', 'local'];
  const refused = await run(node, args, { cwd: app, env: environment() }).catch((error) => error);
  await rm(file);
  if (!String(refused.stderr).includes('npm install --save-dev azurite')) {
    throw new Error(`Nobody said what to install for a queue:\n${refused.stdout}${refused.stderr}`);
  }
}

function environment() {
  return { ...process.env, NO_COLOR: '1', AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
}

async function withHost(app, node, func, use) {
  const args = [func, 'start', '--port', '0', '--storage', 'local'];
  const host = spawn(node, args, { cwd: app, env: environment() });
  let output = '';
  const ended = new Promise((resolve) => host.once('close', resolve));
  const url = await new Promise((resolve, reject) => {
    const fail = (why) => {
      host.kill('SIGKILL');
      reject(new Error(`func start ${why}:\n${output}`));
    };
    const timer = setTimeout(() => fail('did not come up'), START_DEADLINE_MS);
    for (const stream of [host.stdout, host.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, found] = /(http:\/\/localhost:\d+)[^]*For detailed output/.exec(output) ?? [];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
    void ended.then((code) => fail(`ended with ${code}`));
  });
  try {
    await use(url);
  } finally {
    host.kill('SIGTERM');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`func start ended with ${code}:\n${output}`);
}

function run(command, args, settings) {
  return promisify(execFile)(command, args, { maxBuffer: 64 << 20, ...settings });
}

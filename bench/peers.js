// Other engines of durable workflows, each with the app and the harness that it comes with: <peers>/<name>/bench.mjs runs the same
// workloads as ours and prints a line `RESULT {…}` for each. A result counts when the client has it, which is after it is stored.
import { cpSync, mkdirSync, existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run, runToEnd } from './child-process.js';
import { startPostgres } from './postgres.js';
import { medians } from './statistics.js';

/** @returns those that are in the folder, each with `measure(options)`, which resolves with its numbers, or undefined where it cannot be run. */
export function findPeers(folder) {
  const peers = [
    {
      id: 'restate',
      label: 'Restate',
      measure: (options) => measurePeer(folder, 'restate', options, () => ({})),
    },
    { id: 'dbos', label: 'DBOS', measure: (options) => measureOnPostgres(folder, 'dbos', options) },
  ];
  return peers.filter(({ id }) => existsSync(path.join(folder, id)));
}

async function measureOnPostgres(folder, name, options) {
  const postgres = await startPostgres();
  if (postgres === undefined) return undefined;
  try {
    const environment = async () => ({ DBURL: await postgres.create(name) });
    return await measurePeer(folder, name, options, environment);
  } finally {
    await postgres.stop();
  }
}

async function measurePeer(folder, name, { isQuick, runs }, environment) {
  const work = await install(folder, name);
  const results = [];
  for (let each = 1; each <= runs; each++) {
    console.log(`${name}: run ${each} of ${runs}`);
    results.push(await runHarness(work, isQuick ? { N: '500' } : {}, await environment()));
  }
  return medians(results);
}

/** Copies of the peers' folders stay, so that their packages are installed once on a machine. */
async function install(folder, name) {
  const work = path.join(os.tmpdir(), 'bench-peers');
  const target = path.join(work, name);
  mkdirSync(work, { recursive: true });
  cpSync(path.join(folder, '_common'), path.join(work, '_common'), { recursive: true });
  cpSync(path.join(folder, name), target, { recursive: true });
  if (!existsSync(path.join(target, 'node_modules'))) {
    console.log(`${name}: installing its packages`);
    await runToEnd('npm', ['install', '--no-audit', '--no-fund'], { cwd: target });
  }
  return target;
}

/** @param size how many hello sequences; as the harness has it when empty. */
async function runHarness(cwd, size, environment) {
  const found = [];
  const child = run(process.execPath, ['bench.mjs', 'w1,lat,fan,chain'], {
    cwd,
    env: { ...process.env, ...size, RESTATE_LOGGING: 'ERROR', ...environment },
    onLine(line) {
      if (line.startsWith('RESULT ')) found.push(JSON.parse(line.slice('RESULT '.length)));
    },
  });
  const watchdog = setTimeout(() => child.stop('SIGKILL'), 300_000);
  const code = await child.exited;
  clearTimeout(watchdog);
  if (code !== 0 || found.length === 0) {
    throw new Error(`${cwd} ended with ${code}:\n${child.output().slice(-3000)}`);
  }
  return metricsOf(found);
}

/** Where a peer has several ways to do the same, the best of each counts. */
function metricsOf(results) {
  const values = (workload, n, member) =>
    results
      .filter(({ w, n: size }) => w === workload && (n === undefined || size === n))
      .map((result) => result[member])
      .filter((value) => Number.isFinite(value));
  const least = (...which) => orNothing(Math.min(...values(...which)));
  const total = results
    .filter(({ w }) => w === 'w1a')
    .map(({ peak = 0, server_peak = 0 }) => peak + server_peak);
  return {
    helloRate: orNothing(Math.max(...values('w1a', undefined, 'per_s'))),
    helloP50: least('w1b', undefined, 'p50_ms'),
    helloP95: least('w1b', undefined, 'p95_ms'),
    fanOut200: least('w2', 200, 'ms'),
    fanOut1000: least('w2', 1000, 'ms'),
    chain500: least('w3', 500, 'ms'),
    memoryMb: orNothing(Math.min(...total)),
  };
}

function orNothing(value) {
  return Number.isFinite(value) ? value : undefined;
}

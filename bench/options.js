// What a run of the benchmark is asked to do.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]
  --storage <list>  where our host keeps its hub: local, azurite, memory, with commas, or none (default: local,azurite)
  --workers <list>  also so many hosts on one hub on Azurite: 1,2,3; with --reference one of the .NET extension beside them
  --no-window       also our host on Azurite with its commit window turned off
  --official-worker also the official Node worker of Azure Functions (BENCH_OFFICIAL_WORKER=<folder>), on the same Azurite
  --reference       also the .NET extension, on the same Azurite (its programs: BENCH_REFERENCE=<folder>, and dotnet)
  --peers           also Restate and DBOS, by their own harness (BENCH_PEERS=<folder>, and PostgreSQL for DBOS)
  --growth          also how times grow: long chains, 10,000 instances at once, 100,000 finished ones in the hub
  --runs <n>        runs of each scenario, of which the median counts (default: 3; 1 with --quick)
  --quick           fewer instances, one run, ten seconds of silence in place of two minutes
  --docs            writes the table and the chart of docs/performance.md, too, and with --workers the table of docs/scaling.md`;

const STORAGES = ['local', 'azurite', 'memory'];

/** @throws {Error} one line that says what is wrong. */
export function readOptions(args, environment, root) {
  const { values } = parseArgs({
    args,
    options: {
      storage: { type: 'string', default: 'local,azurite' },
      workers: { type: 'string' },
      'no-window': { type: 'boolean', default: false },
      'official-worker': { type: 'boolean', default: false },
      reference: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const storages =
    values.storage === 'none' ? [] : values.storage.split(',').map((name) => name.trim());
  const unknown = storages.filter((name) => !STORAGES.includes(name));
  if (unknown.length > 0) {
    throw new Error(`--storage ${unknown.join(',')}: there are ${STORAGES.join(', ')}.`);
  }
  const workers = (values.workers ?? '').split(',').filter(Boolean).map(Number);
  if (workers.some((count) => !Number.isInteger(count) || count < 1)) {
    throw new Error(`--workers ${values.workers}: it is whole numbers of at least 1, with commas.`);
  }
  const runs = Number(values.runs ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(`--runs ${values.runs}: it is a whole number of at least 1.`);
  }
  return {
    storages,
    workers,
    runs,
    isQuick: values.quick,
    hasGrowth: values.growth,
    triesNoWindow: values['no-window'],
    writesDocs: values.docs,
    isHelp: values.help,
    officialWorker: values['official-worker']
      ? folderOf(
          '--official-worker',
          environment.BENCH_OFFICIAL_WORKER ?? path.join(root, '../shared/official-worker'),
        )
      : undefined,
    reference: values.reference
      ? folderOf(
          '--reference',
          environment.BENCH_REFERENCE ?? path.join(root, '../shared/reference'),
        )
      : undefined,
    peers: values.peers ? folderOf('--peers', environment.BENCH_PEERS) : undefined,
    silenceSeconds: values.quick ? 10 : 120,
  };
}

/** What is asked for and not here is said, and left out. */
function folderOf(option, folder) {
  if (folder !== undefined && existsSync(folder)) return path.resolve(folder);
  console.warn(`${option} is left out: ${folder ?? 'its environment variable'} is not there.`);
  return undefined;
}

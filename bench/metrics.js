// The names of what is measured, in the order of the tables. `better` says which way is better, for ratios.

const LABELS = {
  helloRate: 'hello sequences a second, 100 in flight',
  helloP50: 'hello sequence alone, p50 (ms)',
  helloP95: 'hello sequence alone, p95 (ms)',
  fanOut200: '200 parallel activities (ms)',
  fanOut1000: '1,000 parallel activities (ms)',
  chain500: 'chain of 500 activities (ms)',
  startElsewhere: 'start from another process after silence (ms)',
  workerStart: 'start of the official worker with this package, until its functions are known (ms)',
  workerStartAdded: 'of that, because of this package (ms)',
  helloCpuMs: 'CPU of the engine, a hello sequence of 100 in flight (ms)',
  helloStorageCpuMs: 'CPU of Azurite for it (ms)',
  memoryMb: 'memory of the engine, 100 in flight (MB)',
  idleCpuPercent: 'idle CPU (% of a core)',
  idleRequestsPerMinute: 'idle requests to storage a minute',
  helloRequests: 'requests to storage, hello sequence',
  fanOut200Requests: 'requests to storage, 200 parallel activities',
  chain400Requests: 'requests to storage, chain of 400 activities',
};

export const METRICS = Object.entries(LABELS).map(([key, label]) => ({
  key,
  label,
  better: key === 'helloRate' ? 'more' : 'less',
}));

/** Of several hosts on one hub: see workers.js. */
export const WORKER_METRICS = [
  ['rate', 'hello sequences a second, 100 in flight'],
  ['moved', 'partitions that moved when the last one came'],
  ['sharedMs', '… until all had their share (ms)'],
  ['requestsLoaded', 'requests to storage a minute, loaded'],
  ['requestsAnInstance', '… a hello sequence'],
  ['requestsIdle', 'requests to storage a minute, idle'],
];

/** Who is compared with whom. `rivals`: the best of those that were measured counts. */
export const COMPARISONS = [
  { ours: 'local', rivals: ['restate', 'dbos'], label: 'local, against the better peer' },
  { ours: 'azurite', rivals: ['reference'], label: 'on Azurite, against .NET' },
];

/** How many times better ours is than the best rival; undefined where one of the two was not measured. */
export function timesBetter({ key, better }, { ours, rivals }, columns) {
  const valueOf = (id) => columns.find((column) => column.id === id)?.metrics[key];
  const own = valueOf(ours);
  const others = rivals.map(valueOf).filter((value) => Number.isFinite(value));
  if (!Number.isFinite(own) || others.length === 0) return undefined;
  return better === 'more' ? own / Math.max(...others) : Math.min(...others) / own;
}

/** Three digits, and no more. */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return '';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

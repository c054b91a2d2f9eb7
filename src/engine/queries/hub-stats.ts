/**
 * A task hub in numbers, counted by looking at its instances: storage keeps no sums. What a look may cost is bounded; when the bound
 * ends it, the result says so, and tells of the newest instances where the storage has that order.
 */
import { failurePlace } from '../../base/brief-failure.ts';
import { percentile } from '../../base/percentile.ts';
import { failureMessage, failureSignature } from '../../core/failure-signature.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../../core/instance-status.ts';
import { lookAtInstances, type ListInstances } from './look-at-instances.ts';

export interface StatsQuery {
  /** Of the creation times of the instances that count. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Into how many equal parts the time is divided. */
  readonly parts: number;
}

export interface StatsPart {
  readonly fromMs: number;
  /** How many instances were created then, by the status that they have now. */
  readonly byStatus: Readonly<Partial<Record<RuntimeStatus, number>>>;
}

export interface OrchestratorStats {
  readonly name: string;
  readonly byStatus: Readonly<Partial<Record<RuntimeStatus, number>>>;
  /** From creation to end, of those that ended; undefined where none has. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

export interface HubStats {
  readonly byStatus: Readonly<Partial<Record<RuntimeStatus, number>>>;
  readonly parts: readonly StatsPart[];
  /** The ones with most instances first. */
  readonly byName: readonly OrchestratorStats[];
  /** False when there were more instances than may be looked at. */
  readonly isComplete: boolean;
}

export interface FailureGroup {
  readonly signature: string;
  /** Of the orchestrator. */
  readonly name: string;
  readonly count: number;
  /** As the latest one has it. */
  readonly message: string;
  /** The first frame in the code of the app, as the latest one has it; undefined where no stack was stored. */
  readonly place: string | undefined;
  /** How many have failed in each part of the time; those that failed after it are in the last part. */
  readonly counts: readonly number[];
  /** ISO 8601, UTC: when the first and the last one that were seen have failed. */
  readonly firstTime: string;
  readonly lastTime: string;
  /** The latest first; no more than may be told. */
  readonly instanceIds: readonly string[];
}

export interface FailureGroups {
  /** The one that was seen last comes first. */
  readonly groups: readonly FailureGroup[];
  readonly isComplete: boolean;
}

const MAX_INSTANCES = 20_000;
/** Their outputs are read. */
const MAX_FAILURES = 1_000;
const MAX_IDS = 200;
/** A page may hold little of what was looked at for it. */
const MAX_PAGES = 50;

export async function readStats(list: ListInstances, query: StatsQuery): Promise<HubStats> {
  const { fromMs, toMs, parts: count } = query;
  const partMs = (toMs - fromMs) / count;
  const bounds = { instances: MAX_INSTANCES, pages: MAX_PAGES };
  const all = new Counter();
  const parts = Array.from({ length: count }, () => new Counter());
  const names = new Map<string, { counter: Counter; durations: number[] }>();
  const isComplete = await lookAtInstances(list, timesOf(query), bounds, (record) => {
    const createdMs = Date.parse(record.createdTime);
    all.add(record.runtimeStatus);
    parts[partOf(createdMs, query)]?.add(record.runtimeStatus);
    const name = names.get(record.name) ?? { counter: new Counter(), durations: [] };
    names.set(record.name, name);
    name.counter.add(record.runtimeStatus);
    if (isTerminal(record.runtimeStatus)) {
      name.durations.push(Date.parse(record.completedTime ?? record.lastUpdatedTime) - createdMs);
    }
  });
  return {
    byStatus: all.counts(),
    parts: parts.map((part, n) => ({ fromMs: fromMs + n * partMs, byStatus: part.counts() })),
    byName: [...names]
      .sort(([, a], [, b]) => b.counter.total - a.counter.total)
      .map(([name, { counter, durations }]) => {
        const sorted = durations.sort((a, b) => a - b);
        return {
          name,
          byStatus: counter.counts(),
          p50Ms: percentile(sorted, 0.5),
          p95Ms: percentile(sorted, 0.95),
        };
      }),
    isComplete,
  };
}

/** Failed instances, grouped by what went wrong. */
export async function groupFailures(
  list: ListInstances,
  times: StatsQuery,
): Promise<FailureGroups> {
  const groups = new Map<string, InstanceRecord[]>();
  const bounds = { instances: MAX_FAILURES, pages: MAX_PAGES };
  const query = { ...timesOf(times), runtimeStatuses: ['Failed' as const], includeOutput: true };
  const isComplete = await lookAtInstances(list, query, bounds, (record) => {
    const key = `${record.name}\n${failureSignature(record.output ?? '')}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(record);
  });
  return {
    groups: [...groups.values()]
      .map((records) => groupOf(records, times))
      .sort((a, b) => (a.lastTime < b.lastTime ? 1 : a.lastTime > b.lastTime ? -1 : 0)),
    isComplete,
  };
}

function groupOf(records: InstanceRecord[], times: StatsQuery): FailureGroup {
  const latestFirst = records.sort((a, b) => (endOf(a) < endOf(b) ? 1 : -1));
  const [latest] = latestFirst;
  const earliest = latestFirst.at(-1);
  const output = latest?.output ?? '';
  return {
    signature: failureSignature(output),
    name: latest?.name ?? '',
    count: records.length,
    message: failureMessage(output),
    place: failurePlace(output),
    counts: countsOf(records, times),
    firstTime: earliest ? endOf(earliest) : '',
    lastTime: latest ? endOf(latest) : '',
    instanceIds: latestFirst.slice(0, MAX_IDS).map(({ instanceId }) => instanceId),
  };
}

function endOf({ completedTime, lastUpdatedTime }: InstanceRecord): string {
  return completedTime ?? lastUpdatedTime;
}

function countsOf(records: readonly InstanceRecord[], query: StatsQuery): readonly number[] {
  const counts = Array.from({ length: query.parts }, () => 0);
  for (const record of records) {
    const part = partOf(Date.parse(endOf(record)), query);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

/** Which part of the time it is in; the first or the last one for what is outside. */
function partOf(ms: number, { fromMs, toMs, parts }: StatsQuery): number {
  const part = Math.floor((ms - fromMs) / ((toMs - fromMs) / parts));
  return Math.min(parts - 1, Math.max(0, part));
}

function timesOf({ fromMs, toMs }: Pick<StatsQuery, 'fromMs' | 'toMs'>) {
  return { createdTimeFrom: new Date(fromMs), createdTimeTo: new Date(toMs) };
}

class Counter {
  readonly #counts = new Map<RuntimeStatus, number>();
  total = 0;

  add(status: RuntimeStatus): void {
    this.total += 1;
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
  }

  counts(): Partial<Record<RuntimeStatus, number>> {
    return Object.fromEntries(this.#counts);
  }
}

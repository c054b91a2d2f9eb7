/**
 * Which orchestrator calls what, with counts and durations: learned from the histories of some instances, the latest where the storage
 * has that order. What a look may cost is bounded; the answer says how much was seen.
 */
import { atMost } from '../../base/at-most.ts';
import { percentile } from '../../base/percentile.ts';
import { callsOfHistory, type FunctionCall } from '../../core/calls-of-history.ts';
import { firstStepWait } from '../../core/first-step-wait.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { lookAtInstances } from './look-at-instances.ts';

export interface CallStats {
  readonly kind: FunctionCall['kind'];
  readonly name: string;
  /** Tries of a retry count each. */
  readonly count: number;
  readonly failed: number;
  /** Not answered, or not yet. */
  readonly open: number;
  /** From the question to the answer; undefined where none was answered. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

export interface CallerStats {
  /** Of the orchestrator. */
  readonly name: string;
  /** How many of its instances were looked at. */
  readonly instances: number;
  /** From creation to the first step; undefined where none has got there. */
  readonly waitP50Ms: number | undefined;
  readonly waitP95Ms: number | undefined;
  /** The most frequent first. */
  readonly calls: readonly CallStats[];
}

export interface HubCalls {
  readonly orchestrators: readonly CallerStats[];
  readonly instancesSeen: number;
  readonly eventsSeen: number;
  /** False when there were more instances in the time. */
  readonly isComplete: boolean;
}

export interface CallsQuery {
  /** Of the creation times of the instances. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of instances. */
  readonly count: number;
}

const AT_ONCE = 8;
/** Of all histories together; those that were begun are read to their ends. */
const MAX_EVENTS = 50_000;
/** A page may hold little of what was looked at for it. */
const MAX_PAGES = 10;

export async function readCalls(
  backend: Pick<TaskHubClientBackend, 'listInstances' | 'readHistory'>,
  { fromMs, toMs, count }: CallsQuery,
): Promise<HubCalls> {
  const records: InstanceRecord[] = [];
  const isComplete = await lookAtInstances(
    (query) => backend.listInstances(query),
    { createdTimeFrom: new Date(fromMs), createdTimeTo: new Date(toMs) },
    { instances: count, pages: MAX_PAGES },
    (record) => records.push(record),
  );
  const callers = new Map<string, Caller>();
  let eventsSeen = 0;
  let instancesSeen = 0;
  await atMost(AT_ONCE, records, async ({ instanceId, name }) => {
    if (eventsSeen >= MAX_EVENTS) return;
    const history = await backend.readHistory(instanceId, { namesLost: true });
    eventsSeen += history.length;
    instancesSeen += 1;
    const caller = callers.get(name) ?? newCaller();
    callers.set(name, caller);
    caller.instances += 1;
    const waitMs = firstStepWait(history);
    if (waitMs !== undefined) caller.waitsMs.push(waitMs);
    for (const call of callsOfHistory(history)) {
      const key = `${call.kind} ${call.name}`;
      const known = caller.calls.get(key) ?? new Calls(call);
      caller.calls.set(key, known);
      known.add(call);
    }
  });
  return {
    orchestrators: [...callers]
      .map(([name, caller]) => callerStats(name, caller))
      .sort((a, b) => b.instances - a.instances || (a.name < b.name ? -1 : 1)),
    instancesSeen,
    eventsSeen,
    isComplete: isComplete && instancesSeen === records.length,
  };
}

interface Caller {
  instances: number;
  readonly waitsMs: number[];
  readonly calls: Map<string, Calls>;
}

function newCaller(): Caller {
  return { instances: 0, waitsMs: [], calls: new Map() };
}

function callerStats(name: string, { instances, waitsMs, calls }: Caller): CallerStats {
  const sorted = waitsMs.toSorted((a, b) => a - b);
  return {
    name,
    instances,
    waitP50Ms: percentile(sorted, 0.5),
    waitP95Ms: percentile(sorted, 0.95),
    calls: [...calls.values()].map((each) => each.stats()).sort((a, b) => b.count - a.count),
  };
}

/** All calls of one function by one orchestrator. */
class Calls {
  readonly #kind: FunctionCall['kind'];
  readonly #name: string;
  readonly #durationsMs: number[] = [];
  #count = 0;
  #failed = 0;
  #open = 0;

  constructor({ kind, name }: FunctionCall) {
    this.#kind = kind;
    this.#name = name;
  }

  add({ outcome, durationMs }: FunctionCall): void {
    this.#count += 1;
    if (outcome === 'failed') this.#failed += 1;
    if (outcome === 'open') this.#open += 1;
    if (durationMs !== undefined) this.#durationsMs.push(durationMs);
  }

  stats(): CallStats {
    const sorted = this.#durationsMs.toSorted((a, b) => a - b);
    return {
      kind: this.#kind,
      name: this.#name,
      count: this.#count,
      failed: this.#failed,
      open: this.#open,
      p50Ms: percentile(sorted, 0.5),
      p95Ms: percentile(sorted, 0.95),
    };
  }
}

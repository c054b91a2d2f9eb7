/** Instances whose time is over, purged in the background. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pause } from '../../../src/base/pause.ts';
import { BackendUnavailableError, CorruptMessageError } from '../../../src/core/errors.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import type { FinalStatus } from '../../../src/core/retention.ts';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import {
  RetentionPurger,
  type RetentionSettings,
} from '../../../src/engine/purge/retention-purger.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../../src/memory/memory-store.ts';
import { silentLogger, type LogRecord } from '../../../src/telemetry/log.ts';
import { eventually } from '../../support/eventually.ts';
import { overriding } from '../../support/overriding.ts';

const DAY_MS = 24 * 3_600_000;
const NOW_MS = Date.parse('2026-11-29T00:00:00Z');

let store: MemoryStore;
let nowMs: number;
let records: LogRecord[];
/** How long was waited, each time. */
let waits: number[];
let purger: RetentionPurger | undefined;

beforeEach(() => {
  store = new MemoryStore();
  nowMs = NOW_MS;
  records = [];
  waits = [];
  purger = undefined;
});
afterEach(() => purger?.stop());

/** @param walks so many are walked; then the clock stands still. */
function start(
  retention: Partial<RetentionSettings>,
  { walks = 1, own = {} }: { readonly walks?: number; readonly own?: Partial<TaskHubBackend> } = {},
): void {
  let left = walks;
  purger = new RetentionPurger({
    backend: overriding(createMemoryBackend({ store }), own),
    ambient: { now: () => nowMs, newId: () => 'a'.repeat(32) },
    log: { write: (record) => records.push(record) },
    taskHub: 'Orders',
    retention: { byStatus: {}, byName: new Map(), purgesPerSecond: 1000, ...retention },
    wait: async (ms, signal) => {
      waits.push(ms);
      if (ms >= 10_000 && left-- === 0) {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
          });
        });
      }
      nowMs += ms;
    },
  });
  purger.start();
}

function put(id: string, status: FinalStatus | 'Running', endedMs: number, name = 'Ship'): void {
  const time = new Date(endedMs).toISOString();
  const instanceId = toInstanceId(id);
  store.instances.set(instanceId, {
    instanceId,
    executionId: 'e1',
    parentInstanceId: null,
    name,
    version: null,
    runtimeStatus: status,
    input: null,
    output: null,
    customStatus: null,
    createdTime: new Date(endedMs - DAY_MS).toISOString(),
    lastUpdatedTime: time,
    completedTime: status === 'Running' ? null : time,
    scheduledStartTime: null,
    generation: 0,
    tags: null,
    etag: store.nextVersion(),
  });
}

const ids = (): string[] => [...store.instances.keys()].sort();
const walked = (): Promise<unknown> => eventually(() => waits.filter((ms) => ms >= 10_000)[1]);

describe('retention', () => {
  it('deletes what ended longer ago than its status is kept, and nothing that runs', async () => {
    put('old', 'Completed', NOW_MS - 8 * DAY_MS);
    put('new', 'Completed', NOW_MS - 6 * DAY_MS);
    put('failed', 'Failed', NOW_MS - 8 * DAY_MS);
    put('running', 'Running', NOW_MS - 80 * DAY_MS);

    start({ byStatus: { Completed: 7 * DAY_MS, Failed: 30 * DAY_MS } });

    await walked();
    expect(ids()).toEqual(['failed', 'new', 'running']);
    expect(records.map(({ eventId, fields }) => [eventId, fields])).toEqual([
      [20050, { taskHub: 'Orders', instances: 1, records: 0 }],
    ]);
  });

  it('goes by the name of the orchestrator first, in any case', async () => {
    const ago = NOW_MS - 2 * DAY_MS;
    put('import', 'Completed', ago, 'Import');
    put('audit', 'Completed', NOW_MS - 800 * DAY_MS, 'Audit');
    put('ship', 'Completed', ago);

    start({
      byStatus: { Completed: 7 * DAY_MS },
      byName: new Map([
        ['import', { Completed: DAY_MS }],
        ['audit', { Completed: Infinity }],
      ]),
    });

    await walked();
    expect(ids()).toEqual(['audit', 'ship']);
  });

  it('leaves everything to the worker that leads the hub', async () => {
    put('old', 'Completed', NOW_MS - 8 * DAY_MS);

    start({ byStatus: { Completed: DAY_MS } }, { own: { leads: () => false } });

    await walked();
    expect(ids()).toEqual(['old']);
  });

  it('does no more purges a second than it may', async () => {
    for (let n = 0; n < 30; n++) put(`old-${n}`, 'Completed', NOW_MS - 8 * DAY_MS);
    const begun = performance.now();
    const backend = createMemoryBackend({ store });
    purger = new RetentionPurger({
      backend,
      ambient: { now: () => NOW_MS + performance.now() - begun, newId: () => 'a'.repeat(32) },
      log: silentLogger,
      taskHub: 'Orders',
      retention: { byStatus: { Completed: DAY_MS }, byName: new Map(), purgesPerSecond: 100 },
      wait: (ms, signal) => pause(ms < 10_000 ? ms : 0, signal),
    });
    purger.start();

    await eventually(() => store.instances.size === 0);
    expect(performance.now() - begun).toBeGreaterThan(250);
  });

  it('leaves alone what was rewound since it was listed', async () => {
    put('failed', 'Failed', NOW_MS - 8 * DAY_MS);
    const inner = createMemoryBackend({ store });
    const purged: string[] = [];

    start(
      { byStatus: { Failed: DAY_MS } },
      {
        own: {
          async listInstances(query) {
            const page = await inner.listInstances(query);
            for (const record of page.instances) await inner.reviveInstance(record, '');
            return page;
          },
          purgeInstance: (id) => {
            purged.push(id);
            return Promise.resolve(undefined);
          },
        },
      },
    );

    await walked();
    expect(purged).toEqual([]);
    expect(ids()).toEqual(['failed']);
  });

  it('passes over one that cannot be purged, and says so', async () => {
    put('bad', 'Completed', NOW_MS - 8 * DAY_MS);
    put('old', 'Completed', NOW_MS - 8 * DAY_MS);
    const inner = createMemoryBackend({ store });

    start(
      { byStatus: { Completed: DAY_MS } },
      {
        own: {
          purgeInstance: (id, record) =>
            id === 'bad'
              ? Promise.reject(new CorruptMessageError('It is torn.'))
              : inner.purgeInstance(id, record),
        },
      },
    );

    await walked();
    expect(ids()).toEqual(['bad']);
    expect(records.map(({ message }) => message)).toContainEqual(
      'bad: its retention is over, but it could not be purged: It is torn.',
    );
  });

  it('goes on where it was when storage is back', async () => {
    for (let n = 0; n < 250; n++) put(`old-${n}`, 'Completed', NOW_MS - 8 * DAY_MS);
    const inner = createMemoryBackend({ store });
    let calls = 0;

    start(
      { byStatus: { Completed: DAY_MS } },
      {
        walks: 2,
        own: {
          purgeInstance: (id, record) =>
            ++calls === 150
              ? Promise.reject(new BackendUnavailableError('Nobody is there.'))
              : inner.purgeInstance(id, record),
        },
      },
    );

    await eventually(() => waits.filter((ms) => ms >= 10_000)[2]);
    expect(ids()).toEqual([]);
    expect(calls).toBe(251);
    const counts = records.filter(({ eventId }) => eventId === 20050);
    const instances = counts.map(({ fields }) => Number(fields['instances']));
    expect(instances.reduce((sum, count) => sum + count, 0)).toBe(250);
  });

  it('waits a part of the shortest time between two walks', async () => {
    start({ byStatus: { Completed: 100_000, Failed: 7 * DAY_MS } });

    await walked();
    expect(waits).toEqual([25_000, 25_000]);
  });
});

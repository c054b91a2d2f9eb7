/**
 * Workers of two apps that neither have a function of the other, on one hub for good: work of both waits in all partitions, or in some,
 * all the time. How long an app waits until one of its workers has the partition, and for how long that one has it then.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveWorker } from '../../src/azure-storage/partitions/partition-turns.ts';
import { PartitionTableModel } from '../support/partition-table-model.ts';
import { LOOK_MS, pass, TableWorker } from '../support/table-worker.ts';
import { randomFrom, shuffle } from '../support/unruly-backend.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: Date.parse('2026-01-31T10:00:00Z'),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const APPS = ['shop', 'billing'] as const;
type App = (typeof APPS)[number];
const TICK_MS = 250;
const DRAIN_MS = 1_000;
const REQUEST_MS = 100;
/** What a look takes until the next one is waited for: some that read, and some that write. */
const REQUESTS_OF_A_LOOK = 8;

interface Scene {
  readonly partitionCount: number;
  readonly workers: Readonly<Record<App, number>>;
  readonly seed: number;
  /** By partition, whose work waits there. Work is never done: as soon as it is, there is more. */
  readonly waits: readonly (readonly App[])[];
}

const scenes: fc.Arbitrary<Scene> = fc.integer({ min: 1, max: 8 }).chain((partitionCount) =>
  fc.record({
    partitionCount: fc.constant(partitionCount),
    workers: fc.record({
      shop: fc.integer({ min: 1, max: 6 }),
      billing: fc.integer({ min: 1, max: 2 }),
    }),
    seed: fc.nat(),
    waits: fc.array(fc.constantFrom<readonly App[]>(APPS, APPS, ['shop'], ['billing'], []), {
      minLength: partitionCount,
      maxLength: partitionCount,
    }),
  }),
);

/** A time during which workers of an app, one after the other, read a partition. */
interface Stay {
  readonly app: App;
  readonly fromMs: number;
  toMs: number;
}

class Life {
  readonly readByTwo: number[] = [];
  readonly #scene: Scene;
  readonly #workers: TableWorker[] = [];
  /** By partition. */
  readonly #stays: Stay[][];

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#stays = scene.waits.map(() => []);
    const random = randomFrom(scene.seed);
    const table = new PartitionTableModel(scene.partitionCount, () => random() * REQUEST_MS);
    const names = APPS.flatMap((app) => Array.from({ length: scene.workers[app] }, () => app));
    for (const app of shuffle(names, random)) {
      const options = { app, drainMs: () => random() * DRAIN_MS, idleWorkers: () => this.#idle() };
      this.#workers.push(new TableWorker(table, options));
    }
  }

  async begin(): Promise<void> {
    for (const worker of this.#workers) {
      void worker.begin();
      await this.pass(1_500);
    }
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += TICK_MS) {
      await pass(TICK_MS);
      for (const partition of this.#scene.waits.keys()) this.#watch(partition);
    }
  }

  async end(): Promise<void> {
    const all = Promise.all(this.#workers.map((worker) => worker.end()));
    await pass(5_000);
    await all;
    vi.clearAllTimers();
  }

  /** How long what waits had to wait at the longest, within the time. */
  longestWaitMs(fromMs: number, toMs: number): number {
    const waits = this.#scene.waits.flatMap((apps, partition) =>
      apps.map((app) => {
        const stays = this.#stays[partition]?.filter((stay) => stay.app === app) ?? [];
        const ends = [fromMs, ...stays.map((stay) => stay.toMs)];
        const begins = [...stays.map((stay) => stay.fromMs), toMs];
        return Math.max(...begins.map((ms, n) => ms - Math.max(fromMs, ends[n] ?? 0)));
      }),
    );
    return Math.max(0, ...waits);
  }

  /** Of those that were over. */
  shortestStayMs(): number {
    const stays = this.#stays.flatMap((ofPartition) => ofPartition.slice(0, -1));
    return Math.min(Infinity, ...stays.map(({ fromMs, toMs }) => toMs - fromMs));
  }

  /** Whoever reads it finds at once what it cannot do. */
  #watch(partition: number): void {
    const [reader, ...others] = this.#workers.filter(({ reads }) => reads.includes(partition));
    if (others.length > 0) this.readByTwo.push(partition);
    if (reader === undefined) return;
    const app = APPS.find((each) => each === reader.app) ?? 'shop';
    const other = app === 'shop' ? 'billing' : 'shop';
    if (this.#scene.waits[partition]?.includes(other) === true) {
      reader.ownership.leaveTo(other, partition);
    }
    const last = this.#stays[partition]?.at(-1);
    if (last?.app === app) last.toMs = Date.now();
    else this.#stays[partition]?.push({ app, fromMs: Date.now(), toMs: Date.now() });
  }

  #idle(): readonly LiveWorker[] {
    const idle = this.#workers.filter(({ reads }) => reads.length === 0);
    return idle.map(({ name, app }) => ({ name, app }));
  }
}

describe('two apps whose work waits all the time, with one worker or many', () => {
  it('have each partition for a turn, and wait for it no longer than a turn of the other and three looks', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const life = new Life(scene);
        await life.begin();
        await life.pass(5 * LOOK_MS);
        const fromMs = Date.now();
        await life.pass(20 * LOOK_MS);
        const toMs = Date.now();
        await life.end();

        expect(life.readByTwo).toEqual([]);
        // Nobody rings here: who gets a partition finds it at its next look, and so does who is asked for it.
        expect(life.longestWaitMs(fromMs, toMs)).toBeLessThan(
          4 * (LOOK_MS + REQUESTS_OF_A_LOOK * REQUEST_MS) + 2 * DRAIN_MS,
        );
        // A turn counts from when storage was asked for the partition.
        expect(life.shortestStayMs()).toBeGreaterThanOrEqual(LOOK_MS - 3 * TICK_MS);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

/**
 * Workers of ours and .NET's that share the partitions of one table, each by its own rules, and each by what it read a while ago: what
 * they come to. The .NET worker is a model, see `dotnet-worker-model.ts`; ours are the real thing.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DotnetWorkerModel } from '../support/dotnet-worker-model.ts';
import { PartitionTableModel } from '../support/partition-table-model.ts';
import { LEASE_MS, LOOK_MS, pass, TableWorker } from '../support/table-worker.ts';
import { randomFrom } from '../support/unruly-backend.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: Date.parse('2026-01-31T10:00:00Z'),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

type Event =
  | { readonly kind: 'ours joins' | 'theirs joins' }
  | { readonly kind: 'stop' | 'kill'; readonly which: number }
  | { readonly kind: 'pass'; readonly ms: number };

const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ours joins' as const, 'theirs joins' as const) }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'kill' as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 100, max: 30_000 }) }),
);

interface Scene {
  readonly partitionCount: number;
  /** Of what storage takes for a request, and of what a partition takes to drain. */
  readonly seed: number;
  readonly happenings: readonly Event[];
}

const scenes: fc.Arbitrary<Scene> = fc.record({
  partitionCount: fc.integer({ min: 1, max: 8 }),
  seed: fc.nat(),
  happenings: fc.array(events, { minLength: 2, maxLength: 12 }),
});

const MOST_WORKERS = 5;
/** A look of a .NET worker that reads all and writes all rows is over in time. */
const LATENCY_MS = 60;
const DRAIN_MS = 8_000;

/** A worker of either kind. */
interface Worker {
  readonly name: string;
  /** Of .NET workers the table says it. */
  reads(): readonly number[];
  kill(): void;
  end(): Promise<unknown>;
}

class Life {
  readonly table: PartitionTableModel;
  readonly workers: Worker[] = [];
  /** Where one of ours read what by the table was another one's. */
  readonly wrongReads: string[] = [];
  readonly #random: () => number;
  readonly #ended: Promise<unknown>[] = [];
  #joined = 0;

  constructor({ partitionCount, seed }: Scene) {
    this.#random = randomFrom(seed);
    this.table = new PartitionTableModel(partitionCount, () => this.#random() * LATENCY_MS);
  }

  async happen(event: Event): Promise<void> {
    if (event.kind === 'pass') return this.pass(event.ms);
    if (event.kind === 'stop' || event.kind === 'kill') {
      if (this.workers.length < 2) return;
      const [worker] = this.workers.splice(event.which % this.workers.length, 1);
      if (event.kind === 'kill') worker?.kill();
      else this.#ended.push(worker?.end() ?? Promise.resolve());
    } else if (this.workers.length < MOST_WORKERS) {
      this.workers.push(event.kind === 'ours joins' ? this.#ours() : this.#theirs());
    }
    await this.pass(100);
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 250) {
      await pass(250);
      for (const worker of this.workers) this.#watch(worker);
    }
  }

  owners(): readonly (string | undefined)[] {
    return this.table.rows.map(({ owner }) => owner);
  }

  /** Those of the dead included, until their time is over. */
  shares(): readonly number[] {
    return this.workers.map(({ name }) => this.owners().filter((owner) => owner === name).length);
  }

  async end(): Promise<void> {
    const all = Promise.all([...this.#ended, ...this.workers.map((worker) => worker.end())]);
    await pass(60_000);
    await all;
    // Those of the killed.
    vi.clearAllTimers();
  }

  #ours(): Worker {
    const drainMs = (): number => this.#random() * DRAIN_MS;
    const worker = new TableWorker(this.table, { drainMs });
    void worker.begin();
    return {
      name: worker.name,
      reads: () => worker.reads,
      kill: () => {
        worker.standStill();
      },
      end: () => worker.end(),
    };
  }

  #theirs(): Worker {
    const worker = new DotnetWorkerModel(`dotnet-${++this.#joined}`, this.table, {
      leaseIntervalMs: LEASE_MS,
      acquireIntervalMs: LOOK_MS,
      drainMs: () => this.#random() * DRAIN_MS,
    });
    worker.begin();
    return {
      name: worker.name,
      reads: () => [],
      kill: () => {
        worker.kill();
      },
      end: () => worker.end(),
    };
  }

  #watch(worker: Worker): void {
    for (const partition of worker.reads()) {
      const { owner } = this.table.rows[partition] ?? {};
      if (owner !== worker.name)
        this.wrongReads.push(`${worker.name} reads ${partition} of ${owner ?? 'nobody'}`);
    }
  }
}

describe('workers of ours and .NET workers on one hub', () => {
  it('come to rest with shares that differ by one at most, whoever came, stopped or died', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const life = new Life(scene);
        await life.happen({ kind: 'ours joins' });
        for (const event of scene.happenings) await life.happen(event);

        await life.pass(LEASE_MS + 12 * LOOK_MS);
        const owners = life.owners();
        const shares = life.shares();
        const onTheWay = life.table.rows.filter(({ nextOwner }) => nextOwner !== undefined);
        await life.pass(6 * LOOK_MS);
        const later = life.owners();
        await life.end();

        expect(life.wrongReads).toEqual([]);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(scene.partitionCount);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(onTheWay).toEqual([]);
        expect(later).toEqual(owners);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

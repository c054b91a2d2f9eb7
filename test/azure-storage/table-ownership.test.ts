/** Who owns which partition, over hours, on a clock of the test's own: workers that come, go, die, stand still. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../../src/base/pause.ts';
import {
  notingListener,
  PartitionTableModel,
  type TableOfPartitions,
} from '../support/partition-table-model.ts';
import { LEASE_MS, LOOK_MS, pass, TableWorker } from '../support/table-worker.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: Date.parse('2026-01-31T10:00:00Z'),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const ALL = [0, 1, 2, 3];

describe('a worker that is alone', () => {
  it('has all partitions as soon as it has started', async () => {
    const worker = await new TableWorker(new PartitionTableModel(4)).start();

    expect(worker.reads).toEqual(ALL);
    expect(worker.told).toEqual(['began', ...ALL.map((partition) => `acquired ${partition}`)]);
    await worker.stop();
  });

  it('keeps them with six requests a minute, and with less than two when it has nothing to do', async () => {
    const table = new PartitionTableModel(4);
    const worker = await new TableWorker(table).start();
    const requestsIn = async (ms: number): Promise<number> => {
      const before = table.requestCount;
      await pass(ms);
      return table.requestCount - before;
    };

    expect(await requestsIn(600_000)).toBeCloseTo(60, -1);
    worker.isIdle = true;
    await pass(120_000);
    expect(await requestsIn(600_000)).toBeLessThan(20);
    expect(worker.told).toHaveLength(5);
    expect(worker.reads).toEqual(ALL);
    await worker.stop();
  });

  it('leaves them free when it stops, and has them again when it starts once more', async () => {
    const table = new PartitionTableModel(4);
    const worker = await new TableWorker(table).start();

    await worker.stop();
    expect(table.rows.map(({ owner }) => owner)).toEqual(ALL.map(() => undefined));
    expect(worker.reads).toEqual([]);

    await worker.start();
    expect(worker.reads).toEqual(ALL);
    expect(ALL.map((partition) => worker.ownership.epoch(partition))).toEqual([2, 2, 2, 2]);
    await worker.stop();
  });

  it('writes its doorbell beside what it owns, again when another engine leaves it out, and takes it away at the end', async () => {
    const table = new PartitionTableModel(4);
    const doorbells = () => table.rows.map(({ doorbell }) => doorbell?.key);
    const worker = await new TableWorker(table).start();
    expect(doorbells()).toEqual(ALL.map(() => worker.name));

    // A .NET worker that asks for the row replaces it by one with the columns that it knows.
    table.set(2, { nextOwner: 'dotnet', doorbell: undefined, lastRenewalMs: Date.now() });
    table.set(2, { nextOwner: undefined });
    expect(doorbells()).toContain(undefined);
    await pass(LOOK_MS + 1_000);
    expect(doorbells()).toEqual(ALL.map(() => worker.name));

    await worker.stop();
    expect(doorbells()).toEqual(ALL.map(() => undefined));
  });

  it('loses them when it stands still for longer than the lease, says once for how long, and has them again', async () => {
    const worker = await new TableWorker(new PartitionTableModel(4)).start();
    await pass(60_000);

    worker.standStill();
    await pass(41_000);
    worker.goOn();
    expect(worker.reads).toEqual([]);
    await pass(3_000);

    expect(worker.reads).toEqual(ALL);
    expect(worker.ownership.epoch(0)).toBe(2);
    expect(worker.warnings).toEqual([
      expect.stringMatching(/partitions 0, 1, 2, 3 were lost: .* blocked for 4[12]\.\d s/),
    ]);
    await worker.stop();
  });

  it('gives them up before others may have them when storage does not answer', async () => {
    const table = new PartitionTableModel(4);
    let isDown = false;
    const down = new Error('no answer');
    const worker = await new TableWorker({
      read: () => (isDown ? Promise.reject(down) : table.read()),
      write: (rows) => (isDown ? Promise.reject(down) : table.write(rows)),
    }).start();

    isDown = true;
    await pass(24_000);
    expect(worker.reads).toEqual(ALL);
    await pass(3_000);
    expect(worker.reads).toEqual([]);

    isDown = false;
    await pass(3_000);
    expect(worker.reads).toEqual(ALL);
    expect(worker.warnings).toEqual([expect.stringContaining('storage did not let this process')]);
    await worker.stop();
  });
});

describe('workers of a hub whose storage takes 10 s for each answer', () => {
  const SLOW_MS = 10_000;
  const MINUTES_MS = 10 * 60_000;

  it.each([1, 2, 3])('keep what they have: %i of them', async (count) => {
    let answerMs = 10;
    const table = new PartitionTableModel(4, () => answerMs / 2);
    const workers: TableWorker[] = [];
    for (let joined = 0; joined < count; joined += 1) {
      workers.push(await new TableWorker(table).start());
      await pass(3 * LOOK_MS);
    }
    const told = workers.map((worker) => [...worker.told]);
    const epochs = workers.map(({ reads, ownership }) => reads.map((p) => ownership.epoch(p)));

    answerMs = SLOW_MS;
    await pass(MINUTES_MS);
    answerMs = 10;
    await pass(MINUTES_MS);

    expect(workers.map((worker) => worker.told)).toEqual(told);
    const after = workers.map(({ reads, ownership }) => reads.map((p) => ownership.epoch(p)));
    expect(after).toEqual(epochs);
    expect(workers.flatMap(({ warnings }) => warnings)).toEqual([]);
    for (const worker of workers) await worker.stop();
  });

  it('come, get their share, and lose nothing else', async () => {
    const table = new PartitionTableModel(4, () => SLOW_MS / 2);
    const start = async (): Promise<TableWorker> => {
      const worker = new TableWorker(table);
      const started = worker.begin();
      await pass(12 * SLOW_MS);
      await started;
      return worker;
    };
    const first = await start();
    await pass(MINUTES_MS);
    const second = await start();
    await pass(MINUTES_MS);

    expect([first.reads.length, second.reads.length]).toEqual([2, 2]);
    expect(first.told.filter((line) => line.startsWith('released'))).toHaveLength(2);
    expect(second.told.filter((line) => line.startsWith('released'))).toEqual([]);
    expect([...first.warnings, ...second.warnings]).toEqual([]);
    const ends = [first.end(), second.end()];
    await pass(12 * SLOW_MS);
    await Promise.all(ends);
  });
});

describe('a worker that comes to a hub', () => {
  it('waits for storage that is slow, as long as it has nothing to lose', async () => {
    const table = new PartitionTableModel(4);
    const slowMs = 8_000;
    const given: (number | undefined)[] = [];
    const worker = new TableWorker({
      read: async (timeoutMs) => {
        given.push(timeoutMs);
        if (given.length > 1) return table.read();
        await pause(slowMs);
        return timeoutMs !== undefined && timeoutMs > slowMs
          ? table.read()
          : Promise.reject(new Error('no answer'));
      },
      write: (rows) => table.write(rows),
    });
    const started = worker.begin();
    await pass(slowMs + 200);
    await started;
    expect(worker.reads).toEqual(ALL);
    expect(given).toHaveLength(1);

    table.set(0, {});
    await pass(LOOK_MS + 200);
    expect(given).toEqual([expect.any(Number), undefined]);
    await worker.stop();
  });

  it('gets its share within a look of the others, and only that moves', async () => {
    const table = new PartitionTableModel(4);
    const first = await new TableWorker(table).start();

    const second = await new TableWorker(table).start();
    expect(second.reads).toEqual([]);
    await pass(LOOK_MS + 3_000);

    expect([first.reads.length, second.reads.length]).toEqual([2, 2]);
    expect(first.told.filter((line) => line.startsWith('released'))).toHaveLength(2);
    await pass(120_000);
    expect(second.told).toHaveLength(3);
    await second.stop();
    await pass(LOOK_MS);
    expect(first.reads).toEqual(ALL);
    await first.stop();
  });

  it('waits for what runs in a partition that it wants', async () => {
    const table = new PartitionTableModel(1);
    table.set(0, { owner: 'gone', isDraining: true, lastRenewalMs: 0, expiresAtMs: 30_000 });
    const worker = await new TableWorker(table).start();
    expect(table.rows[0]).toMatchObject({ owner: 'gone', nextOwner: worker.name });

    table.set(0, { owner: undefined, isDraining: false });
    await pass(1_500);

    expect(table.rows[0]).toMatchObject({ owner: worker.name, nextOwner: undefined });
    await worker.stop();
  });

  it('has at once what a worker had that is known to be dead', async () => {
    const table = new PartitionTableModel(4);
    const killed = await new TableWorker(table).start();
    killed.standStill();

    const next = await new TableWorker(table, {
      isKnownDead: (name) => name === killed.name,
    }).start();

    expect(next.reads).toEqual(ALL);
    await next.stop();
  });

  it('has what a worker had that was killed elsewhere when its lease is over', async () => {
    const table = new PartitionTableModel(4);
    const killed = await new TableWorker(table).start();
    killed.standStill();
    const next = await new TableWorker(table).start();

    await pass(LEASE_MS - 5_000);
    expect(next.reads).toEqual([]);
    await pass(LOOK_MS + 6_000);

    expect(next.reads).toEqual(ALL);
    await next.stop();
  });
});

describe('a worker with work for another app in a partition', () => {
  async function both(table: TableOfPartitions): Promise<readonly [TableWorker, TableWorker]> {
    const first = await new TableWorker(table).start();
    const second = await new TableWorker(table, { app: 'c3d4' }).start();
    await pass(3 * LOOK_MS);
    return [first, second];
  }

  it('gives it to a worker of that app, and gets another one for it', async () => {
    const [first, second] = await both(new PartitionTableModel(4));
    const [given = -1, kept] = first.reads;
    const told = second.told.length;

    first.ownership.leaveTo('c3d4', given);
    // It asks for one at its next look, and has it after the next one of the other.
    await pass(2 * LOOK_MS + 3_000);

    expect(second.reads).toContain(given);
    expect(first.reads).toContain(kept);
    expect([first.reads.length, second.reads.length]).toEqual([2, 2]);
    await pass(120_000);
    expect(second.told.slice(told)).toHaveLength(2);
    await first.stop();
    await second.stop();
  });

  it('keeps it for a turn before it gives it back, where work for both waits in all of them', async () => {
    const workers = await both(new PartitionTableModel(2));
    const stays: number[] = [];
    const since = new Map<number, { readonly worker: TableWorker; readonly ms: number }>();
    for (let ms = 0; ms < 200_000; ms += 250) {
      for (const worker of workers) {
        for (const partition of worker.reads) {
          const other = workers.find((each) => each !== worker);
          worker.ownership.leaveTo(other?.app ?? '', partition);
          const before = since.get(partition);
          if (before?.worker === worker) continue;
          if (before !== undefined) stays.push(Date.now() - before.ms);
          since.set(partition, { worker, ms: Date.now() });
        }
      }
      await pass(250);
    }

    // The first stay began before it was watched.
    const [, , ...whole] = stays;
    expect(whole.length).toBeGreaterThan(10);
    expect(Math.min(...whole)).toBeGreaterThanOrEqual(LOOK_MS - 250);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it('keeps it where storage tells of no worker of that app', async () => {
    const [first, second] = await both(new PartitionTableModel(4));
    const [kept = -1] = first.reads;

    first.ownership.leaveTo('e5f6', kept);
    await pass(60_000);

    expect(first.reads).toContain(kept);
    await first.stop();
    await second.stop();
  });

  it('has it again when the one that was to have it does not come', async () => {
    const table = new PartitionTableModel(2);
    const [first, second] = await both(table);
    const [given = -1] = first.reads;

    second.standStill();
    first.ownership.leaveTo('c3d4', given);
    await pass(2_000);
    expect(first.reads).toEqual([]);
    await pass(LEASE_MS + 2 * LOOK_MS);

    expect(first.reads).toEqual([0, 1]);
    await first.stop();
  });
});

describe('a worker that is asked for a partition', () => {
  it('says that it drains it, keeps it from others, and lets go when nothing is left', async () => {
    const table = new PartitionTableModel(1);
    let finish = (): void => undefined;
    const worker = new TableWorker(table);
    const listener = notingListener(
      worker.told,
      () => new Promise((resolve) => (finish = resolve)),
    );
    const started = worker.ownership.start(listener);
    await pass(200);
    await started;

    table.set(0, { nextOwner: 'other' });
    await pass(45_000);
    expect(worker.reads).toEqual([]);
    expect(table.rows[0]).toMatchObject({ owner: worker.name, isDraining: true });
    expect(table.rows[0]?.expiresAtMs).toBeGreaterThan(Date.now());

    finish();
    await pass(1_000);
    expect(table.rows[0]).toMatchObject({
      owner: undefined,
      nextOwner: 'other',
      isDraining: false,
    });
    await worker.stop();
  });
});

describe('a partition that another one took although it was owned', () => {
  it('is given up at the next look, without an error, and had again when the other one is gone', async () => {
    const table = new PartitionTableModel(4);
    const worker = await new TableWorker(table).start();

    const [lastRenewalMs, expiresAtMs] = [Date.now(), Date.now() + LEASE_MS];
    table.set(1, { owner: 'thief', lastRenewalMs, expiresAtMs });
    await pass(LOOK_MS + 1_000);

    expect(worker.reads).toEqual([0, 2, 3]);
    expect(table.rows[1]?.owner).toBe('thief');
    expect(worker.told.at(-1)).toBe('released 1');
    expect(worker.warnings).toEqual([
      expect.stringContaining('partitions 1 were lost: another worker has taken them'),
    ]);
    expect(worker.records.filter(({ level }) => level === 'error')).toEqual([]);
    await pass(LEASE_MS + LOOK_MS);
    expect(worker.reads).toEqual(ALL);
    await worker.stop();
  });
});

describe('a worker that stops', () => {
  it('does not wait for what runs in a partition that it was handing over', async () => {
    const table = new PartitionTableModel(1);
    const worker = new TableWorker(table);
    const listener = notingListener(worker.told, () => new Promise(() => undefined));
    const started = worker.ownership.start(listener);
    await pass(200);
    await started;
    table.set(0, { nextOwner: 'other' });
    await pass(LOOK_MS + 1_000);
    expect(table.rows[0]).toMatchObject({ isDraining: true });

    await worker.stop();

    expect(table.rows[0]).toMatchObject({ owner: undefined, nextOwner: 'other' });
  });
});

describe('clocks that differ', () => {
  const TWO_MINUTES_MS = 120_000;

  it('do not make a .NET worker seem dead whose clock is behind', async () => {
    const table = new PartitionTableModel(1);
    const behindMs = Date.now() - TWO_MINUTES_MS;
    table.set(0, { owner: 'dotnet', lastRenewalMs: behindMs, expiresAtMs: behindMs + LEASE_MS });
    const worker = await new TableWorker(table).start();
    await pass(LEASE_MS - 3_000);
    expect(worker.reads).toEqual([]);

    await pass(LOOK_MS + 5_000);
    expect(worker.reads).toEqual([0]);
    await worker.stop();
  });

  it('make our rows last longer for a .NET worker whose clock is ahead, and not for ourselves', async () => {
    const table = new PartitionTableModel(2);
    const aheadMs = Date.now() + TWO_MINUTES_MS;
    table.set(1, { owner: 'dotnet', lastRenewalMs: aheadMs, expiresAtMs: aheadMs + LEASE_MS });
    const worker = await new TableWorker(table).start();

    expect(table.rows[0]?.owner).toBe(worker.name);
    const itsTimeMs = Date.now() + TWO_MINUTES_MS;
    expect(table.rows[0]?.expiresAtMs).toBeGreaterThan(itsTimeMs + LEASE_MS - 2_000);

    worker.standStill();
    const other = await new TableWorker(table).start();
    await pass(LEASE_MS + LOOK_MS + 2_000);
    expect(other.reads).toContain(0);
    await other.stop();
  });
});

type Event =
  | { readonly kind: 'join' | 'stop' | 'kill' | 'standStill'; readonly which: number }
  | { readonly kind: 'pass'; readonly ms: number };

const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('join' as const, 'stop' as const, 'kill' as const, 'standStill' as const),
    which: fc.nat(9),
  }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1_000, max: 40_000 }) }),
);

/** Lives through the events, and looks at who reads what, four times a second. */
class Life {
  readonly table = new PartitionTableModel(4, () => Math.random() * 200);
  readonly workers: TableWorker[] = [];
  readonly readByTwo: string[] = [];
  longestUnreadMs = 0;
  readonly #unreadSinceMs = new Map<number, number>();

  async happen(event: Event): Promise<void> {
    if (event.kind === 'pass') return this.pass(event.ms);
    const worker = this.workers[event.which % Math.max(1, this.workers.length)];
    if (event.kind === 'join') {
      if (this.workers.length === 6) return;
      const newcomer = new TableWorker(this.table);
      void newcomer.ownership.start(notingListener(newcomer.told));
      this.workers.push(newcomer);
    } else if (worker !== undefined && this.workers.length > 1) {
      if (event.kind === 'standStill') {
        worker.standStill();
        await this.pass(45_000);
        worker.goOn();
        return;
      }
      this.workers.splice(this.workers.indexOf(worker), 1);
      if (event.kind === 'kill') worker.standStill();
      else void worker.ownership.stop(AbortSignal.abort()).then(() => worker.ownership.release());
    }
    await this.pass(250);
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 250) {
      await pass(250);
      const readers = ALL.map((p) => this.workers.filter((worker) => worker.reads.includes(p)));
      for (const [partition, who] of readers.entries()) this.#note(partition, who);
    }
  }

  #note(partition: number, readers: readonly TableWorker[]): void {
    if (readers.length > 1) {
      this.readByTwo.push(`${partition}: ${readers.map(({ name }) => name).join(' and ')}`);
    }
    if (readers.length > 0) this.#unreadSinceMs.delete(partition);
    else if (!this.#unreadSinceMs.has(partition)) this.#unreadSinceMs.set(partition, Date.now());
    const unreadMs = Date.now() - (this.#unreadSinceMs.get(partition) ?? Date.now());
    this.longestUnreadMs = Math.max(this.longestUnreadMs, unreadMs);
  }
}

describe('workers that come, go, die and stand still', () => {
  it('never read a partition two at a time, nor leave it alone for longer than a lease and a look, and share them in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { minLength: 5, maxLength: 25 }), async (happenings) => {
        const life = new Life();
        await life.happen({ kind: 'join', which: 0 });
        await life.pass(1_000);
        for (const event of happenings) await life.happen(event);
        await life.pass(LEASE_MS + 6 * LOOK_MS);

        const shares = life.workers.map(({ reads }) => reads.length);
        const endOfAll = life.workers.map((worker) => worker.ownership.stop(AbortSignal.abort()));
        await pass(3_000);
        await Promise.all(endOfAll);
        expect(life.readByTwo).toEqual([]);
        expect(life.longestUnreadMs).toBeLessThan(LEASE_MS + LOOK_MS + 5_000);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(4);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

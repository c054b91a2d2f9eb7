/**
 * Workers on one hub as processes: they join, leave, are killed, stand still for longer than their lease and come back, and one of them
 * has a clock that is two minutes off, while instances of every kind run. Who reads which partition is recorded from outside. Once for
 * each way of sharing partitions; with DURABLE_HUB_ROUNDS more often, each round with more of it, and with a report.
 */
import { describe, expect, it } from 'vitest';
import type { PartitionWay } from '../../src/azure-storage/partitions/partition-options.ts';
import { eventually } from '../support/eventually.ts';
import {
  HubLife,
  launchWorker,
  LOOK_MS,
  SHORT_LOCKS,
  type LifeOptions,
} from '../support/hub-life.ts';
import type { Outcome } from '../support/hub-load.ts';
import { patient } from '../support/patience.ts';

const ROUNDS = Number(process.env['DURABLE_HUB_ROUNDS'] ?? 0);
/** Most of it is waiting for leases: of blobs they last for 15 s at least. */
const ONE_ROUND_MS = 200_000;
const TWO_MINUTES_MS = 120_000;
/** Polls are half a second apart; a busy machine does everything late. */
const LATE_MS = 4_000;

interface Way {
  readonly way: PartitionWay;
  readonly leaseMs: number;
  /** In peace, where nobody's lease runs out, however busy the machine is. */
  readonly longLeaseMs: number;
  /** How long a partition may be unread that goes from one live worker to another. */
  readonly handOverMs: number;
}

const WAYS: readonly Way[] = [
  { way: 'table', leaseMs: 6_000, longLeaseMs: 60_000, handOverMs: 0 },
  { way: 'leases', leaseMs: 15_000, longLeaseMs: 60_000, handOverMs: 0 },
  // Whoever takes one away waits for as long as the other may believe in it.
  { way: 'legacyLeases', leaseMs: 15_000, longLeaseMs: 15_000, handOverMs: 15_000 },
];

/** Activities run once, and events come in their order. */
async function liveInPeace(life: HubLife): Promise<Outcome> {
  let first = await life.join('first', launchWorker);
  // Where clocks differ, a timer of one worker is late on another one.
  const done = life.keepBusy({ count: 1, without: ['timers', 'retries'] });
  for (let round = 0; round < Math.max(1, ROUNDS); round++) {
    const ahead = round % 2 === 0 ? TWO_MINUTES_MS : -TWO_MINUTES_MS;
    const second = await life.join(`second-${round}`, launchWorker, ahead);
    await life.untilShared([first, 2], [second, 2]);
    if (ROUNDS > 0) {
      const third = await life.join(`third-${round}`, launchWorker);
      await eventually(() => life.record.shares().has(third.name), { timeoutMs: 60_000 });
      await life.leave(first);
      await life.untilShared([second, 2], [third, 2]);
      first = third;
    }
    await life.leave(second);
    await life.untilShared([first, 4]);
  }
  const outcome = await done();
  await life.leave(first);
  return outcome;
}

async function liveDangerously(life: HubLife): Promise<Outcome> {
  let first = await life.join('first', launchWorker);
  const done = life.keepBusy({ count: 1, isDisturbed: true });
  for (let round = 0; round < Math.max(1, ROUNDS); round++) {
    const last = await life.join(`last-${round}`, launchWorker);
    await life.untilShared([first, 2], [last, 2]);
    first.process.signal('SIGSTOP');
    await life.untilShared([last, 4]);
    first.process.signal('SIGCONT');
    await life.untilShared([first, 2], [last, 2]);
    await life.kill(first);
    await life.untilShared([last, 4]);
    first = last;
  }
  const outcome = await done();
  await life.leave(first);
  return outcome;
}

async function prove(
  what: string,
  storage: NonNullable<LifeOptions['storage']>,
  { happenings, unreadMs }: { happenings: (life: HubLife) => Promise<Outcome>; unreadMs: number },
): Promise<void> {
  const life = await HubLife.begin({ storage });
  try {
    const { faults, instances } = await happenings(life);
    if (ROUNDS > 0) await life.report(`${what}, ${instances} instances`);

    const { wrongReads, longestUnread, moves } = life.record;
    expect(faults, await life.warnings()).toEqual([]);
    expect(wrongReads).toEqual([]);
    expect(longestUnread.ms).toBeLessThan(unreadMs + LOOK_MS + patient(LATE_MS));
    expect(moves).toBeGreaterThanOrEqual(4);
  } finally {
    await life.end();
  }
}

const TIMEOUT = { timeout: patient(ONE_ROUND_MS * Math.max(1, ROUNDS)) };

/** The table has its peaceful time in rolling-restart.test.ts, and what is taken away in the legacy way takes long. */
const PEACEFUL = ROUNDS > 0 ? WAYS : WAYS.filter(({ way }) => way === 'leases');

describe('workers that come and go, with clocks that differ', () => {
  it.concurrent.each(PEACEFUL)(
    'finish everything, each activity once, and read no partition two at a time, by $way',
    TIMEOUT,
    async ({ way, longLeaseMs, handOverMs }) => {
      const partitions = { way, leaseIntervalMs: longLeaseMs, acquireIntervalMs: LOOK_MS };
      const proof = { happenings: liveInPeace, unreadMs: handOverMs };
      await prove(`${way} in peace`, { partitions }, proof);
    },
  );
});

describe('workers that stand still, come back, and are killed', () => {
  it.concurrent.each(WAYS)(
    'finish everything, and read no partition two at a time, by $way',
    TIMEOUT,
    async ({ way, leaseMs }) => {
      const partitions = { way, leaseIntervalMs: leaseMs, acquireIntervalMs: LOOK_MS };
      const proof = { happenings: liveDangerously, unreadMs: leaseMs };
      await prove(`${way} in danger`, { ...SHORT_LOCKS, partitions }, proof);
    },
  );
});

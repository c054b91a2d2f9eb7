import { beforeEach, describe, expect, it } from 'vitest';
import { StorageClock } from '../../src/azure-storage/clients/storage-clock.ts';

const MINUTE_MS = 60_000;

let nowMs: number;
let logged: string[];
let clock: StorageClock;
beforeEach(() => {
  nowMs = Date.parse('2026-03-01T12:00:00.700Z');
  logged = [];
  clock = new StorageClock({
    taskHub: 'Hub',
    log: { write: ({ message }) => logged.push(message) },
    now: () => nowMs,
  });
});

/** Storage, whose clock is so much ahead, answers half-way. */
function ask(aheadMs: number, tookMs = 20): void {
  const sentMs = clock.now();
  const date = new Date(nowMs + tookMs / 2 + aheadMs).toUTCString();
  nowMs += tookMs;
  clock.answered(date, sentMs);
}

describe('the clock of a machine', () => {
  it('that agrees with storage is not mentioned, however long an answer takes', () => {
    ask(0);
    ask(0, 10 * MINUTE_MS);
    ask(30_000);

    expect([clock.note, logged]).toEqual([undefined, []]);
  });

  it('that is minutes off is mentioned once, and once when it is right again', () => {
    ask(-5 * MINUTE_MS);
    ask(-5 * MINUTE_MS);
    ask(-50_000);
    expect(logged).toHaveLength(1);

    ask(0);
    ask(0);

    expect(logged).toEqual([
      expect.stringContaining("The clock of this machine is 5 minutes ahead of storage's"),
      expect.stringContaining("agrees with that of the storage of task hub 'Hub' again."),
    ]);
  });

  it('that is behind says so', () => {
    ask(MINUTE_MS + 3_000);

    expect(clock.note).toContain("1 minute behind storage's");
  });

  it('is not judged by an answer that has no date, or none that makes sense', () => {
    clock.answered(undefined, nowMs);
    clock.answered('yesterday', nowMs);

    expect([clock.note, logged]).toEqual([undefined, []]);
  });
});

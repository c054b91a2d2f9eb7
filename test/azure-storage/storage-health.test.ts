import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageHealth } from '../../src/azure-storage/clients/storage-health.ts';

const QUEUE = { kind: 'queue', isStoring: false } as const;
const TABLE = { kind: 'table', isStoring: false } as const;
const BLOB = { kind: 'blob', isStoring: false } as const;
const PUT = { kind: 'queue', isStoring: true } as const;

let nowMs: number;
let logged: string[];
let health: StorageHealth;
beforeEach(() => {
  nowMs = 0;
  logged = [];
  health = new StorageHealth({
    taskHub: 'Hub',
    log: { write: ({ message }) => logged.push(message) },
    now: () => nowMs,
  });
});

describe('a storage that does not answer', () => {
  it('is told once, and once when it is back, with what failed meanwhile', () => {
    for (let call = 0; call < 10; call++) {
      for (let attempt = 0; attempt < 3; attempt++) health.requestFailed(QUEUE);
      health.callFailed(QUEUE, 'Could not receive: no answer, ECONNREFUSED');
    }
    nowMs = 42_000;
    health.answered(QUEUE);
    health.answered(QUEUE);

    expect(logged).toEqual([
      "The storage of task hub 'Hub' does not do its work; everything is tried again, ever more rarely, until it does. Could not receive: no answer, ECONNREFUSED",
      "The storage of task hub 'Hub' does its work again after 42 s, in which 30 requests failed.",
    ]);
  });

  it('is away until all its services are back that are asked', () => {
    health.callFailed(BLOB, 'Could not read.');
    nowMs = 20_000;
    health.callFailed(QUEUE, 'Could not receive.');
    health.callFailed(TABLE, 'Could not write.');
    nowMs = 25_000;
    health.answered(QUEUE);
    expect(logged).toHaveLength(1);

    nowMs = 31_000;
    health.answered(TABLE);

    expect(logged).toHaveLength(2);
  });

  it('does not come and go with a service that fails now and then', () => {
    for (nowMs = 0; nowMs < 10_000; nowMs += 100) {
      health.requestFailed(QUEUE);
      health.callFailed(QUEUE, 'Could not receive.');
      health.answered(QUEUE);
    }

    expect(logged).toHaveLength(1);
  });

  it('is not told for what the next try brings', () => {
    health.requestFailed(QUEUE);
    health.answered(QUEUE);

    expect(logged).toEqual([]);
  });
});

describe('a storage that stores nothing more, and reads', () => {
  beforeEach(() => {
    health.callFailed(PUT, 'Could not put a message: HTTP 500');
  });

  it('is not back for what it reads, however long, while puts go on to fail', () => {
    for (nowMs = 0; nowMs < 300_000; nowMs += 1_000) {
      if (nowMs % 20_000 === 0) health.callFailed(PUT, 'Could not put a message: HTTP 500');
      health.answered(QUEUE);
      health.answered(TABLE);
    }

    expect(logged).toHaveLength(1);
    expect(health.outage).toBeDefined();
  });

  it('is back when it has stored something', () => {
    nowMs = 5_000;
    health.answered(QUEUE);
    expect(health.outage).toBeDefined();

    health.answered(PUT);

    expect(health.outage).toBeUndefined();
  });

  it('is back when nothing was to be stored for a while, and it does all else', () => {
    nowMs = 31_000;
    health.answered(QUEUE);

    expect(health.outage).toBeUndefined();
  });

  it('is back for what it reads when that had failed, too', () => {
    health.callFailed(QUEUE, 'Could not receive.');
    nowMs = 2_000;
    health.answered(QUEUE);

    expect(health.outage).toBeUndefined();
  });
});

describe('a hub that lacks a queue', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is not back for what its other queues answer, until all is put back', async () => {
    const putBack = vi.fn(() => Promise.resolve());
    const isWhole = (): boolean => putBack.mock.calls.length > 0;
    health.keepWhole(putBack);
    // Asked for ever more rarely, between the answers of the others.
    for (; !isWhole(); nowMs += 1_100) {
      health.answered(QUEUE);
      health.missing(QUEUE, 'QueueNotFound');
      await vi.advanceTimersByTimeAsync(1_100);
    }
    expect(logged).toHaveLength(1);

    nowMs += 1_100;
    health.answered(QUEUE);

    expect(logged).toHaveLength(2);
    expect(health.outage).toBeUndefined();
  });

  it('is away as long as that fails', async () => {
    health.keepWhole(() => Promise.reject(new Error('Azurite is full')));
    health.missing(QUEUE, 'QueueNotFound');
    await vi.advanceTimersByTimeAsync(5_000);
    nowMs = 5_000;

    health.answered(QUEUE);

    expect(health.outage).toBeDefined();
    expect(logged).toEqual([
      expect.stringContaining('does not do its work'),
      expect.stringContaining('Hub'),
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageHealth } from '../../src/azure-storage/clients/storage-health.ts';

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
      for (let attempt = 0; attempt < 3; attempt++) health.requestFailed('queue');
      health.callFailed('queue', 'Could not receive: no answer, ECONNREFUSED');
    }
    nowMs = 42_000;
    health.answered('queue');
    health.answered('queue');

    expect(logged).toEqual([
      "The storage of task hub 'Hub' does not do its work; everything is tried again, ever more rarely, until it does. Could not receive: no answer, ECONNREFUSED",
      "The storage of task hub 'Hub' does its work again after 42 s, in which 30 requests failed.",
    ]);
  });

  it('is away until all its services are back that are asked', () => {
    health.callFailed('blob', 'Could not read.');
    nowMs = 20_000;
    health.callFailed('queue', 'Could not receive.');
    health.callFailed('table', 'Could not write.');
    nowMs = 25_000;
    health.answered('queue');
    expect(logged).toHaveLength(1);

    nowMs = 31_000;
    health.answered('table');

    expect(logged).toHaveLength(2);
  });

  it('does not come and go with a service that fails now and then', () => {
    for (nowMs = 0; nowMs < 10_000; nowMs += 100) {
      health.requestFailed('queue');
      health.callFailed('queue', 'Could not receive.');
      health.answered('queue');
    }

    expect(logged).toHaveLength(1);
  });

  it('is not told for what the next try brings', () => {
    health.requestFailed('queue');
    health.answered('queue');

    expect(logged).toEqual([]);
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
      health.answered('queue');
      health.missing('queue', 'QueueNotFound');
      await vi.advanceTimersByTimeAsync(1_100);
    }
    expect(logged).toHaveLength(1);

    nowMs += 1_100;
    health.answered('queue');

    expect(logged).toHaveLength(2);
    expect(health.outage).toBeUndefined();
  });

  it('is away as long as that fails', async () => {
    health.keepWhole(() => Promise.reject(new Error('Azurite is full')));
    health.missing('queue', 'QueueNotFound');
    await vi.advanceTimersByTimeAsync(5_000);
    nowMs = 5_000;

    health.answered('queue');

    expect(health.outage).toBeDefined();
    expect(logged).toEqual([
      expect.stringContaining('does not do its work'),
      expect.stringContaining('Hub'),
    ]);
  });
});

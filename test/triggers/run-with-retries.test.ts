import { describe, expect, it } from 'vitest';
import { runWithRetries } from '../../src/triggers/run-with-retries.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { failed, functionOf } from './app-values.ts';

describe('exponential back-off', () => {
  it('doubles from the minimum up to the maximum', async () => {
    const delays: number[] = [];
    const retryOptions = {
      strategy: 'exponentialBackoff',
      maxRetryCount: 4,
      delayIntervalMs: undefined,
      minimumIntervalMs: 1000,
      maximumIntervalMs: 5000,
    } as const;

    const result = await runWithRetries({
      fn: functionOf('Tick', 'timer', {}, { retryOptions }),
      request: { triggerData: {} },
      log: silentLogger,
      run: () => Promise.resolve(failed('boom')),
      pause: (delayMs) => {
        delays.push(delayMs);
        return Promise.resolve(true);
      },
    });

    expect(delays).toEqual([1000, 2000, 4000, 5000]);
    expect(result.kind).toBe('failed');
  });
});

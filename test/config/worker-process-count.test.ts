import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { workerProcessCount } from '../../src/config/worker-process-count.ts';

function configWith(value: string | undefined, place: Partial<Config> = ACCOUNT): Config {
  const environment = value === undefined ? {} : { functions_worker_process_count: value };
  return { environment, ...place } as Config;
}

const ACCOUNT = { connection: {} } as Partial<Config>;

describe('FUNCTIONS_WORKER_PROCESS_COUNT', () => {
  it.each([
    [undefined, 1],
    ['', 1],
    ['1', 1],
    [' 4 ', 4],
    ['10', 10],
  ])('of %j means %d', (value, count) => {
    expect(workerProcessCount(configWith(value))).toBe(count);
  });

  it.each(['0', '11', '-1', '2.5', 'many', '1e1', '0x2'])('cannot be %s', (value) => {
    expect(() => workerProcessCount(configWith(value))).toThrow(
      `environment: FUNCTIONS_WORKER_PROCESS_COUNT = ${value}: It must be a whole number from 1 to 10.`,
    );
  });

  it('is 1 for a hub in memory, or in a folder', () => {
    const folder = { ...ACCOUNT, localFolder: '/app/.durable' };

    expect(workerProcessCount(configWith('1', {}))).toBe(1);
    expect(() => workerProcessCount(configWith('2', {}))).toThrow(
      /is in memory, and belongs to one process\. Run one \(FUNCTIONS_WORKER_PROCESS_COUNT=1\), or/,
    );
    expect(() => workerProcessCount(configWith('2', folder))).toThrow(
      'is in the folder /app/.durable, and belongs to one process',
    );
  });
});

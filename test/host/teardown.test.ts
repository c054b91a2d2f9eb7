import { describe, expect, it } from 'vitest';
import { Teardown } from '../../src/host/teardown.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';

describe('the teardown of a host', () => {
  it('stops in reverse order, each thing once', async () => {
    const stopped: string[] = [];
    const teardown = new Teardown({ write: () => undefined });
    for (const name of ['storage', 'worker', 'server']) {
      teardown.add(name, () => Promise.resolve(void stopped.push(name)));
    }

    await teardown.run();
    await teardown.run();

    expect(stopped).toEqual(['server', 'worker', 'storage']);
  });

  it('goes on after a step that fails, and names it', async () => {
    const records: LogRecord[] = [];
    const stopped: string[] = [];
    const teardown = new Teardown({ write: (record) => records.push(record) });
    teardown.add('storage', () => Promise.resolve(void stopped.push('storage')));
    teardown.add('worker', () => Promise.reject(new Error('stuck')));

    await teardown.run();

    expect(stopped).toEqual(['storage']);
    expect(records.filter((record) => record.level === 'error')).toMatchObject([
      { message: 'The worker did not stop as it should: stuck' },
    ]);
  });
});

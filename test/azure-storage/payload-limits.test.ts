/** Payloads at the limits of storage, and one above: where they lie, and that they come back as they were. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

let app: SdkApp;
let hub: AzureHub;
let nextId = 0;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/payloads.cjs');
  hub = new AzureHub({}, { invoker: app.invoker });
  await hub.start();
});

afterAll(async () => {
  await hub.stop();
  await hub.backend.deleteHub();
  await app.dispose();
});

async function start(name: string, input: unknown): Promise<string> {
  const instanceId = `${name.toLowerCase()}-${nextId++}`;
  return hub.client.start({ name, instanceId, input: JSON.stringify(input) });
}

async function run(name: string, input: unknown, timeoutMs = 30_000) {
  return hub.ended(await start(name, input), { timeoutMs });
}

async function payloadsOf(instanceId: string): Promise<readonly string[]> {
  return (await hub.payloadNames()).filter((name) => name.startsWith(`${instanceId}/`));
}

/** The kinds of blobs, without what is random in their names. */
async function kindsOf(instanceId: string): Promise<readonly string[]> {
  const names = await payloadsOf(instanceId);
  const kinds = names.map((name) =>
    name
      .slice(instanceId.length + 1)
      .replace(/^message-[0-9a-f]{32}/, 'message')
      .replace(/^history-([0-9A-F]{16})?/, 'history')
      .replace(/-[0-9A-F]{8}-/, '-')
      .replace('.json.gz', ''),
  );
  return kinds.sort();
}

describe('a text', () => {
  // Quotes included, 30 720 UTF-16 units are 60 KiB.
  it.each([
    { units: 30_720, kinds: [] },
    {
      units: 30_721,
      kinds: ['history-ExecutionCompleted-Result', 'history-ExecutionStarted-Input'],
    },
  ])('of $units units in a row: $kinds', async ({ units, kinds }) => {
    const { instanceId, input, output } = await run('Echo', 'x'.repeat(units - 2));

    const found = await kindsOf(instanceId);
    expect([input?.length, output?.length, output]).toEqual([units, units, input]);
    expect(found.filter((kind) => kind !== 'history-Input-Input')).toEqual(kinds);
  });

  it('of 25 000 Thai characters is too large for the queue, and not for a row', async () => {
    const { instanceId, output } = await run('Echo', 'ก'.repeat(25_000));

    expect(output).toBe(JSON.stringify('ก'.repeat(25_000)));
    expect(await kindsOf(instanceId)).toEqual(['message-ExecutionStarted']);
  });

  it.each([1, 10])('of %i MB passes through everything', LONG, async (megabytes) => {
    const text = 'Ä"\\\u0000'.repeat(megabytes * 250_000);
    const instanceId = await start('Waits', null);
    await hub.client.raiseEvent(instanceId, 'Data', JSON.stringify(text));

    const { output } = await hub.ended(instanceId, { timeoutMs: 60_000 });
    expect(output === JSON.stringify(text)).toBe(true);
  });
});

describe('a custom status', () => {
  it('may be 16 KB of UTF-16', async () => {
    const { runtimeStatus, customStatus } = await run('Status', 8_192);
    expect([runtimeStatus, customStatus?.length]).toEqual(['Completed', 8_192]);
  });

  it('above that fails the orchestration and says so', async () => {
    const { runtimeStatus, output } = await run('Status', 8_193);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('must not exceed 16 KB');
  });
});

describe('a reason', () => {
  it('of a failure may be 200 KB', async () => {
    const { instanceId, output } = await run('Fails', 200_000);
    expect(output).toContain('r'.repeat(200_000));
    expect(await kindsOf(instanceId)).toContain('history-ExecutionCompleted-Result');
  });

  it('of a failed activity may be 200 KB', async () => {
    const { output } = await run('Catches', 200_000);
    expect(Number(output)).toBeGreaterThanOrEqual(200_000);
  });

  it('of a termination may be 100 KB, and is the output', async () => {
    const instanceId = await start('Waits', null);
    const reason = 'Because … \ud83d\ude00 '.repeat(8_000);
    await hub.client.terminate(instanceId, reason);

    const { runtimeStatus, output } = await hub.ended(instanceId);
    expect([runtimeStatus, output]).toEqual(['Terminated', reason]);
  });
});

describe('a history (N-05)', () => {
  it.each([
    { what: 'ninety semi-large results', count: 90, text: 'x', length: 30_000 },
    { what: 'sixty results of three bytes a character', count: 60, text: 'ก', length: 30_000 },
    { what: 'escapes that grow sixfold', count: 60, text: '\u0001', length: 5_000 },
    { what: 'three hundred small results', count: 300, text: 'x', length: 10 },
  ])('of $what is written in several transactions', LONG, async (wide) => {
    const { count, text, length } = wide;
    const { runtimeStatus, output } = await run('Wide', { count, text, length }, 60_000);
    expect([runtimeStatus, output]).toEqual(['Completed', String(count * length)]);
  });
});

describe('large payloads', () => {
  it('of a generation go when the next one takes its place, and all with a purge', async () => {
    const instanceId = await start('Doubles', {
      state: 'x'.repeat(128 * 1024),
      limit: 1024 * 1024,
    });
    const bystander = await run('Echo', 'y'.repeat(50_000));
    for (let generation = 0; generation < 4; generation++) {
      await hub.client.raiseEvent(instanceId, 'Again', null);
    }
    const { output } = await hub.ended(instanceId);

    expect(output?.length).toBe(1024 * 1024 + 2);
    await eventually(async () => {
      expect(await kindsOf(instanceId)).toEqual([
        'history-ExecutionCompleted-Result',
        'history-ExecutionStarted-Input',
        'message-ExecutionStarted',
      ]);
      return true;
    });
    await hub.client.purge(instanceId);
    expect(await payloadsOf(instanceId)).toEqual([]);
    expect(await payloadsOf(bystander.instanceId)).not.toEqual([]);
  });

  it('of an instance with an odd id go with its purge', async () => {
    const instanceId = 'test|123:with white spcae';
    const text = JSON.stringify('z'.repeat(60_000));
    await hub.client.start({ name: 'Echo', instanceId, input: text });
    const { input, output } = await hub.ended(instanceId);
    const before = await payloadsOf(instanceId);

    await hub.client.purge(instanceId);

    expect([input, output]).toEqual([text, text]);
    expect(before.length).toBeGreaterThan(0);
    expect(await payloadsOf(instanceId)).toEqual([]);
  });
});

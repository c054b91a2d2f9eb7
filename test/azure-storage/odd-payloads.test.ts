/** Payloads that a careless layer would parse, reformat or cut: they pass through every carrier and come back the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const VALUES: Readonly<Record<string, unknown>> = {
  'a top-level text that looks like JSON': '{"a":[1,2]}',
  'a text that is a JSON text': '"quoted"',
  'a text that is a number': '007',
  'a text that is null': 'null',
  'a date': '2024-01-01T00:00:00.1234567Z',
  'a date with an offset': { at: '2024-01-01T00:00:00+02:00' },
  'a .NET date': '/Date(1700000000000)/',
  'a URL': 'https://example.com/payloads/input.json.gz',
  'a $type member': { $type: 'System.IO.FileInfo, System.Private.CoreLib', $ref: '1', $id: '2' },
  'a __proto__ member': JSON.parse('{"__proto__":{"admin":true},"constructor":1}') as unknown,
  'members that look like indexes': { 2: 'b', 1: 'a', z: 1, a: 2 },
  'large numbers': [9007199254740991, 1e308, 0.1 + 0.2, -0.5e-300, 1e21],
  'big numbers in texts': ['12345678901234567890', '1.0'],
  emoji: '👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301',
  'control characters': '\u0000\u0001\u0008\t\n\r\u001f\u007f\u0085\u009f\u2028\u2029',
  'units that XML forbids': '\ufffe\uffff \ufeffbom',
  'lone surrogates': ['\ud800', 'x\udfff', '\udc00\ud800'],
  'what looks like XML': '<QueueMessage>&amp;<![CDATA[x]]>&#0;</QueueMessage>',
  zero: 0,
  false: false,
  'an empty text': '',
  null: null,
  'an empty array': [],
  'arrays in an array': [[[]], [1], [[2]]],
  'an array of one array': [['x']],
  'an empty object': {},
  'deep nesting': deep(200),
  'the separator of failures': '$OutOfProcData$:{"x":1}',
  'white space': '  \n ',
};

function deep(levels: number): unknown {
  return levels === 0 ? 'bottom' : { in: [deep(levels - 1)] };
}

describe.each(ALL_SDKS)('durable-functions %s', (sdk) => {
  let app: SdkApp;
  let hub: AzureHub;

  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/payloads.cjs');
    hub = new AzureHub({ storeInputsInHistory: true }, { invoker: app.invoker });
    await hub.start();
  });

  afterAll(async () => {
    await hub.stop();
    await hub.backend.deleteHub();
    await app.dispose();
  });

  it.concurrent.each(Object.keys(VALUES))('%s', async (name) => {
    const text = JSON.stringify(VALUES[name]);
    const instanceId = await hub.client.start({ name: 'Everywhere', input: text });
    const { runtimeStatus, input, output, customStatus } = await hub.ended(instanceId);
    expect({ runtimeStatus, input, output, customStatus }).toEqual({
      runtimeStatus: 'Completed',
      input: text,
      output: text,
      customStatus: `{"seen":${text}}`,
    });
  });

  it.concurrent.each(Object.keys(VALUES))('%s in an event', async (name) => {
    const text = JSON.stringify(VALUES[name]);
    const instanceId = await hub.client.start({ name: 'Waits', input: null });
    await hub.client.raiseEvent(instanceId, 'Data', text);
    const { runtimeStatus, output } = await hub.ended(instanceId);
    expect([runtimeStatus, output]).toEqual(['Completed', text]);
  });

  it('numbers as they are spelled, where no JavaScript reads them', async () => {
    const text = '{"n":12345678901234567890,"m":1.00,"e":1E5,"d":{"$type":"X"}}';
    const instanceId = await hub.client.start({ name: 'Waits', input: text });
    await hub.client.terminate(instanceId, '{"n":12345678901234567890}');
    const { input, output } = await hub.ended(instanceId);
    expect([input, output]).toEqual([text, '{"n":12345678901234567890}']);
  });
});

/** Texts of users that look like what the engine writes for a large payload: they are shown as they are, and nothing is read. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { InstancesTable } from '../../src/azure-storage/tables/instances-table.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { LONG } from '../support/patience.ts';

const ID = toInstanceId('victim-of-a-reason');
const OWN_OUTPUT = `${ID}/history-0000000000000001-ExecutionCompleted-0A1B2C3D-Result.json.gz`;
const OTHER_OUTPUT = OWN_OUTPUT.replace(ID, 'another');

let hub: AzureHub;
let payloads: LargePayloads;
let instances: InstancesTable;

beforeAll(async () => {
  hub = new AzureHub();
  await hub.start();
  const { names, storage } = hub.storage();
  payloads = new LargePayloads(storage.container(names.largeMessageContainer));
  instances = new InstancesTable({
    taskHub: hub.options.taskHub,
    table: storage.table(names.instancesTable),
    rows: storage.rows(names.instancesTable),
    payloads,
    now: Date.now,
    newId: () => crypto.randomUUID(),
  });
  await payloads.upload(OWN_OUTPUT, '"secret"');
  await payloads.upload(OTHER_OUTPUT, '"secret"');
});

afterAll(() => hub.backend.deleteHub());

/** What a hub shows whose row got this reason by a commit. */
async function shown(reason: string): Promise<(string | null)[]> {
  const executionId = 'e';
  const lastUpdatedTime = '2026-01-31T11:00:00Z';
  const patch = { executionId, lastUpdatedTime, customStatus: null, output: reason };
  await instances.merge(ID, { ...patch, runtimeStatus: 'Terminated' }, []);
  const { instances: listed } = await hub.client.list({
    pageSize: 10,
    includeInput: true,
    includeOutput: true,
  });
  const found = await hub.client.findStatus(ID, { input: true });
  return [...listed.map(({ output }) => output), found?.output ?? null];
}

describe('a reason', () => {
  it.each([
    ['the output of the same instance', () => payloads.urlOf(OWN_OUTPUT)],
    ['the output of another instance', () => payloads.urlOf(OTHER_OUTPUT)],
    ['a payload that is not there', () => payloads.urlOf(`${ID}/nothing.json.gz`)],
    [
      'another container',
      () => payloads.urlOf(OWN_OUTPUT).replace(ID, '%2e%2e/azure-webjobs-secrets/h'),
    ],
    ['no payload at all', () => 'https://example.com/why'],
  ])('that is the URL of %s is shown as it is, and the other instances too', async (_what, url) => {
    expect(await shown(url())).toEqual([url(), url()]);
  });

  it('is written so that .NET, which follows every URL into the container, finds the text', async () => {
    const url = payloads.urlOf(OWN_OUTPUT);
    await shown(url);

    const { names, storage } = hub.storage();
    const row = await storage.table(names.instancesTable).getEntity<{ Output: string }>(ID, '');
    const name = payloads.nameFromUrl(row.Output) ?? '';
    expect(name).toMatch(/\/history--Output-[0-9A-F]{8}-Output\.json\.gz$/);
    expect(await payloads.download(name)).toBe(url);
  });

  it('comes back as it was, whatever it is', LONG, async () => {
    const url = fc.constantFrom(payloads.urlOf(OWN_OUTPUT), payloads.urlOf(OTHER_OUTPUT));
    const reason = fc.oneof(
      fc
        .tuple(url, fc.string({ unit: 'grapheme', maxLength: 5 }), fc.nat(200), fc.nat(3))
        .map(([text, inserted, at, cut]) => text.slice(0, at) + inserted + text.slice(at + cut)),
      fc.string({ unit: 'grapheme', minLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(reason, async (text) => {
        expect(await shown(text)).toEqual([text, text]);
      }),
      { numRuns: 40 },
    );
  });
});

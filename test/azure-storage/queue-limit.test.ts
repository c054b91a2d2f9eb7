/**
 * What other tools find in storage: messages inline up to 45 KiB, plain and base64 text side by side, inputs of activities where
 * they are wanted, and nothing left of what was for nobody. Scenarios.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeMessage, messageBlobName } from '../../src/azure-storage/queues/message-codec.ts';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { toExecutionId } from '../../src/core/ids.ts';
import { nextItem } from '../contract/contract-hub.ts';
import { eventRaised, id, start } from '../contract/sample-messages.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const LIMIT_BYTES = 45 * 1024;
const NO_ID = '00000000-0000-0000-0000-000000000000';

let app: SdkApp;
const hubs: AzureHub[] = [];

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/crash-points.cjs');
});

afterEach(async () => {
  for (const hub of hubs.splice(0)) {
    await hub.stop();
    await hub.backend.deleteHub();
  }
});

afterAll(async () => {
  await app.dispose();
});

async function startHub(
  changes: ConstructorParameters<typeof AzureHub>[0] = {},
  { isWorker = true } = {},
): Promise<AzureHub> {
  const hub = new AzureHub(changes, isWorker ? { invoker: app.invoker } : undefined);
  hubs.push(hub);
  await hub.start();
  return hub;
}

function controlQueue(hub: AzureHub) {
  const { names, storage } = hub.storage();
  return storage.queue(names.controlQueues[0] ?? '');
}

async function waitingTexts(hub: AzureHub): Promise<readonly string[]> {
  const { peekedMessageItems } = await controlQueue(hub).peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) => messageText);
}

/** A start whose envelope takes so many bytes in UTF-8, as the first message of its sender. */
function startOfSize(instanceId: string, bytes: number) {
  const fields = { executionId: toExecutionId('e'.repeat(32)) };
  const sizeWith = (Input: string): number => {
    const message = start(id(instanceId), { ...fields, Input });
    return Buffer.byteLength(encodeMessage(message, { activityId: NO_ID, sequenceNumber: 1 }));
  };
  const room = bytes - sizeWith('äöü');
  return start(id(instanceId), { ...fields, Input: `äöü${'x'.repeat(room)}` });
}

describe('a message', () => {
  it.each([
    { bytes: LIMIT_BYTES, isInline: true },
    { bytes: LIMIT_BYTES + 1, isInline: false },
  ])('of $bytes bytes is inline: $isInline', async ({ bytes, isInline }) => {
    const hub = await startHub({}, { isWorker: false });
    const message = startOfSize('sized', bytes);
    await hub.backend.createInstance(message, undefined);

    const [text = ''] = await waitingTexts(hub);
    // The row of so long an input has a payload of its own.
    const payloads = (await hub.payloadNames()).filter((name) => name.includes('/message-'));
    if (isInline) {
      expect([Buffer.byteLength(text), payloads]).toEqual([bytes, []]);
    } else {
      const { CompressedBlobName } = JSON.parse(text) as Record<string, unknown>;
      const [beforeId = ''] = messageBlobName(message, NO_ID).split(/0{32}/);
      expect(payloads).toContain(CompressedBlobName);
      expect(CompressedBlobName).toMatch(new RegExp(`^${beforeId}[0-9a-f]{32}-ExecutionStarted`));
    }
    const reader = createAzureStorageBackend(hub.options);
    await reader.start();
    expect((await nextItem(reader)).messages).toMatchObject([{ message }]);
    await reader.stop();
  });

  it('Q-18: may be plain or base64, and put in by hand', LONG, async () => {
    const client = await startHub({}, { isWorker: false });
    for (const instanceId of ['plain', 'coded']) {
      await client.client.start({ name: 'Child', input: '"Kyoto"', instanceId });
    }
    const texts = await waitingTexts(client);
    await controlQueue(client).clearMessages();
    for (const text of texts) {
      const isCoded = text.includes('"coded"');
      await controlQueue(client).sendMessage(isCoded ? Buffer.from(text).toString('base64') : text);
    }
    const sent = await waitingTexts(client);
    const worker = await startHub(client.options);

    expect(sent.map((text) => text[0]).sort()).toEqual(['e', '{']);
    for (const instanceId of ['plain', 'coded']) {
      expect((await worker.ended(instanceId)).output).toBe('"Hello Kyoto!"');
    }
  });

  it('R-07: for an instance that is not there leaves nothing in the queue', async () => {
    const hub = await startHub();
    await hub.backend.sendMessage(eventRaised(id('nobody'), 'Go', '1'));

    await eventually(async () => (await hub.messageCount()) === 0);
    expect(await hub.client.findStatus('nobody', { input: false })).toBeUndefined();
    expect(await hub.client.readHistory('nobody')).toEqual([]);
  });
});

describe('the history rows of activities and sub-orchestrations', () => {
  it.each([true, false])('Q-21: have their inputs: %s', async (storeInputsInHistory) => {
    const hub = await startHub({ storeInputsInHistory });
    await hub.client.start({ name: 'Everything', input: null, instanceId: 'all' });
    await hub.client.raiseEvent('all', 'Go', '1');
    await hub.ended('all');

    const { names, storage } = hub.storage();
    const inputs = new Map<string, unknown>();
    const rows = storage.table(names.historyTable).listEntities();
    for await (const row of rows) {
      if (row.partitionKey !== 'all') continue;
      const type = String(row['EventType']);
      if (!inputs.has(type)) inputs.set(type, row['Input']);
    }
    expect(inputs.get('TaskScheduled')).toBe(
      storeInputsInHistory ? String.raw`["\"Tokyo\""]` : undefined,
    );
    expect(inputs.get('SubOrchestrationInstanceCreated')).toBe(
      storeInputsInHistory ? '"Kyoto"' : undefined,
    );
    expect(inputs.get('EventRaised')).toBe('1');
  });
});

/** Two hosts of one app on one hub in Azure Storage, both busy: whoever gets which message, nothing is lost and nothing runs wrong. */
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { isTerminal, type InstanceRecord } from '../../src/core/instance-status.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { IS_IN_FULL } from '../support/in-full.ts';
import { eventually } from '../support/eventually.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const CHAINS = IS_IN_FULL ? 160 : 80;
const STEPS = 12;
const STEP_MS = 150;
const LETTER_BOXES = 20;
const LETTERS = 10;
const EVERY_STEP = JSON.stringify(Array.from({ length: STEPS }, (_, step) => step));
const LETTER_NUMBERS = Array.from({ length: LETTERS }, (_, letter) => letter);
const EVERY_LETTER = JSON.stringify(LETTER_NUMBERS);
/** Those that are well need a fraction of it: 160 x 12 x 150 ms in 40 slots are 7 s. */
const ALL_ENDED = { timeoutMs: 60_000, intervalMs: 500 };

let app: SdkApp;
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/crowd.cjs');
});
afterAll(async () => {
  await app.dispose();
});

let hosts: readonly [AzureHub, AzureHub];
beforeEach(async () => {
  const partitions = { acquireIntervalMs: 500 };
  const first = new AzureHub({ partitionCount: 4, partitions }, { invoker: app.invoker });
  hosts = [first, new AzureHub(first.options, { invoker: app.invoker })];
  for (const host of hosts) await host.start();
  // Events of two clients that come in one second are in their order as long as no partition moves: what was fetched and given back
  // comes behind what was not, and numbers of two clients say nothing about each other.
  await eventually(async () => {
    const owners = await partitionOwners();
    const [first] = owners;
    return owners.length === 4 && owners.filter((owner) => owner === first).length === 2;
  });
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await hosts[0].backend.deleteHub();
});

async function partitionOwners(): Promise<readonly unknown[]> {
  const { names, storage } = hosts[0].storage();
  const owners: unknown[] = [];
  for await (const { CurrentOwner } of storage.table(names.partitionsTable).listEntities()) {
    if (CurrentOwner !== undefined) owners.push(CurrentOwner);
  }
  return owners;
}

const startAll = (name: string, count: number, input: unknown): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      hosts[n % 2 === 0 ? 0 : 1].client.start({ name, input: JSON.stringify(input) }),
    ),
  );

/** The status of every instance of the hub, in one query a page. */
async function statuses(): Promise<ReadonlyMap<string, InstanceRecord>> {
  const found = new Map<string, InstanceRecord>();
  let token: string | undefined;
  do {
    const page = await hosts[0].client.list({
      pageSize: 1_000,
      includeInput: false,
      includeOutput: true,
      ...(token === undefined ? {} : { continuationToken: token }),
    });
    for (const record of page.instances) found.set(record.instanceId, record);
    token = page.continuationToken;
  } while (token !== undefined);
  return found;
}

/**
 * What became of the instances: all of them ended, or the queues were empty twice, so that nothing can come any more.
 * @returns the rows, in the order of the ids.
 */
async function settled(ids: readonly string[]): Promise<readonly InstanceRecord[]> {
  let emptyLooks = 0;
  return eventually(async () => {
    const found = await statuses();
    const records = ids.flatMap((id) => found.get(id) ?? []);
    const openCount = records.filter(({ runtimeStatus }) => !isTerminal(runtimeStatus)).length;
    if (records.length === ids.length && openCount === 0) return records;
    const messageCount = await hosts[0].messageCount();
    emptyLooks = messageCount === 0 ? emptyLooks + 1 : 0;
    if (emptyLooks === 3) return records;
    throw new Error(`${openCount} of ${ids.length} go on, with ${messageCount} messages`);
  }, ALL_ENDED);
}

/** The output in JSON, or the status of an instance that has none: short enough that a failure can be read. */
const outputsOf = (records: readonly InstanceRecord[]): string[] =>
  records.map(({ runtimeStatus, output }) =>
    runtimeStatus === 'Completed' ? String(output) : runtimeStatus,
  );
const isWrong = (expected: string) => (output: string) => output !== expected;

/** Instances that get ten letters each, one raised after the other and none waited for, while chains run beside them. */
async function busyLetterBoxes(): Promise<{
  readonly chains: readonly string[];
  readonly received: readonly string[];
}> {
  const chains = await startAll('Steps', 2 * LETTER_BOXES, { steps: STEPS, ms: STEP_MS });
  const boxes = await startAll('Letters', LETTER_BOXES, { count: LETTERS, ms: STEP_MS });
  await Promise.all(
    boxes.map(async (id, n) => {
      for (const letter of LETTER_NUMBERS) {
        const { client } = hosts[(n + letter) % 2 === 0 ? 0 : 1];
        await client.raiseEvent(id, 'letter', String(letter));
      }
    }),
  );
  const outputs = outputsOf(await settled([...chains, ...boxes]));
  return { chains: outputs.slice(0, chains.length), received: outputs.slice(chains.length) };
}

describe('two hosts of one app', () => {
  it(`end all of ${CHAINS} chains, each with all of its steps`, LONG, async () => {
    const ids = await startAll('Steps', CHAINS, { steps: STEPS, ms: STEP_MS });

    const outputs = outputsOf(await settled(ids));

    expect(outputs).toHaveLength(CHAINS);
    expect(outputs.filter(isWrong(EVERY_STEP))).toEqual([]);
  });

  it(
    'give instances events that nobody waited for in the order in which they were raised',
    LONG,
    async () => {
      const { chains, received } = await busyLetterBoxes();

      expect(chains.filter(isWrong(EVERY_STEP))).toEqual([]);
      expect(received.filter(isWrong(EVERY_LETTER))).toEqual([]);
    },
  );

  it('give an instance each event after the one that it has acknowledged', LONG, async () => {
    const chains = await startAll('Steps', 2 * LETTER_BOXES, { steps: STEPS, ms: STEP_MS });
    const boxes = await startAll('Letters', LETTER_BOXES, { count: LETTERS, ms: 1 });

    for (const letter of LETTER_NUMBERS) {
      const { client } = hosts[letter % 2 === 0 ? 0 : 1];
      await Promise.all(boxes.map((id) => client.raiseEvent(id, 'letter', String(letter))));
      await eventually(async () => {
        const found = await statuses();
        return boxes.every((id) => Number(found.get(id)?.customStatus ?? 0) > letter);
      }, ALL_ENDED);
    }

    const outputs = outputsOf(await settled([...chains, ...boxes]));
    expect(outputs.slice(0, chains.length).filter(isWrong(EVERY_STEP))).toEqual([]);
    expect(outputs.slice(chains.length).filter(isWrong(EVERY_LETTER))).toEqual([]);
  });
});

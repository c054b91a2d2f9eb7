/**
 * Thousands of events for one instance: one that takes them in one generation each, and one that takes them all. What is counted
 * is what grows with the square of the backlog when it is done wrong: commits, and the events that they write.
 *
 * Azurite looks through a whole queue for each message that it deletes: with 10,000 in it that takes 35 ms, and all of them some
 * minutes, whatever the engine does. So there are fewer there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toInstanceId } from '../../src/core/ids.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import { raiseEventMessage } from '../../src/core/lifecycle/control-messages.ts';
import type { CommitRequest, TaskHubBackend } from '../../src/engine/backend.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { IS_IN_FULL } from '../support/in-full.ts';
import { eventually } from '../support/eventually.ts';
import { LONG, patience } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const IN_MEMORY = IS_IN_FULL ? 10_000 : 4_000;
const IN_AZURITE = 1_000;
const sumTo = (count: number): number => (count * (count + 1)) / 2;
/** Each is worked off in less than a minute. */
const WORKED_OFF = { timeoutMs: 60_000, intervalMs: 250 };
/** As many times as the whole backlog may be written: the generations that share a commit are bounded by time. */
const MOST_TIMES_WRITTEN = 20 * patience();
const PUTS_AT_ONCE = 32;
const ID = toInstanceId('busy');

const nothingYet = (left: number) => ({ left, sum: 0, inOrder: true, last: 0 });

let app: SdkApp;
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/crowd.cjs');
});
afterAll(async () => {
  await app.dispose();
});

/** What commits cost. */
class Writes {
  commits = 0;
  events = 0;

  of(backend: TaskHubBackend): TaskHubBackend {
    const commitOrchestration = backend.commitOrchestration.bind(backend);
    backend.commitOrchestration = (item, request: CommitRequest) => {
      this.commits++;
      this.events += request.commit.newEvents.length;
      return commitOrchestration(item, request);
    };
    return backend;
  }

  /** Generations share commits, and no commit carries more than what has come. */
  expectShared(count: number): void {
    expect(this.commits).toBeLessThan(count / 5);
    expect(this.events).toBeLessThan(MOST_TIMES_WRITTEN * count);
  }

  /** Every event is in the history once, with two for each episode around them. */
  expectOnce(count: number): void {
    expect(this.events).toBeLessThan(count + 3 * this.commits + 10);
  }
}

/** Past the client, which would ask for the status each time. The order of what is put at once is not known. */
async function raiseAll(backend: TaskHubBackend, count: number, putsAtOnce: number): Promise<void> {
  let next = 1;
  const put = async (): Promise<void> => {
    while (next <= count) {
      const now = new Date().toISOString();
      await backend.sendMessage(raiseEventMessage(ID, 'tick', String(next++), now));
    }
  };
  await Promise.all(Array.from({ length: putsAtOnce }, put));
}

const outputOf = ({ runtimeStatus, output }: InstanceRecord): unknown =>
  runtimeStatus === 'Completed' ? JSON.parse(output ?? 'null') : runtimeStatus;

describe('in memory', () => {
  it(
    'an instance that takes one event a generation works off those that waited for it',
    LONG,
    async () => {
      const writes = new Writes();
      const hub = new SdkHub(app.invoker, {}, (backend) => writes.of(backend));
      await hub.start('Forever', nothingYet(IN_MEMORY), ID);
      await raiseAll(hub.backend, IN_MEMORY, 1);
      try {
        await hub.worker.start();
        const end = await hub.ended(ID, WORKED_OFF.timeoutMs);
        expect(outputOf(end)).toEqual({
          left: 0,
          sum: sumTo(IN_MEMORY),
          inOrder: true,
          last: IN_MEMORY,
        });
        writes.expectShared(IN_MEMORY);
      } finally {
        await hub.worker.stop();
      }
    },
  );

  it('an instance that goes on takes all that come to it', LONG, async () => {
    const writes = new Writes();
    const hub = new SdkHub(app.invoker, {}, (backend) => writes.of(backend));
    try {
      await hub.worker.start();
      await hub.start('Collects', IN_MEMORY, ID);
      await hub.history(ID, (history) => history.length > 0);
      await raiseAll(hub.backend, IN_MEMORY, 1);
      expect(outputOf(await hub.ended(ID, WORKED_OFF.timeoutMs))).toEqual({
        sum: sumTo(IN_MEMORY),
        inOrder: true,
      });
      writes.expectOnce(IN_MEMORY);
    } finally {
      await hub.worker.stop();
    }
  });
});

describe('in Azure Storage', () => {
  const newHub = (): { readonly hub: AzureHub; readonly writes: Writes } => {
    const writes = new Writes();
    const hub = new AzureHub({}, { invoker: app.invoker });
    writes.of(hub.backend);
    return { hub, writes };
  };

  it(
    'an instance that takes one event a generation works off those that waited for it',
    LONG,
    async () => {
      const { hub, writes } = newHub();
      await hub.backend.createHub();
      const input = JSON.stringify(nothingYet(IN_AZURITE));
      await hub.client.start({ name: 'Forever', input, instanceId: ID });
      await raiseAll(hub.backend, IN_AZURITE, PUTS_AT_ONCE);
      try {
        await hub.start();
        expect(outputOf(await hub.ended(ID, WORKED_OFF))).toMatchObject({
          left: 0,
          sum: sumTo(IN_AZURITE),
        });
        writes.expectShared(IN_AZURITE);
      } finally {
        await hub.stop();
        await hub.backend.deleteHub();
      }
    },
  );

  it('an instance that goes on takes all that come to it', LONG, async () => {
    const { hub, writes } = newHub();
    await hub.start();
    try {
      await hub.client.start({ name: 'Collects', input: String(IN_AZURITE), instanceId: ID });
      await eventually(async () => (await hub.client.readHistory(ID)).length > 0);
      await raiseAll(hub.backend, IN_AZURITE, PUTS_AT_ONCE);
      expect(outputOf(await hub.ended(ID, WORKED_OFF))).toMatchObject({ sum: sumTo(IN_AZURITE) });
      writes.expectOnce(IN_AZURITE);
    } finally {
      await hub.stop();
      await hub.backend.deleteHub();
    }
  });
});

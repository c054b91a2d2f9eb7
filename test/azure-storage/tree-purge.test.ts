/**
 * A purge of a tree whose process dies between any two of its requests to storage: the next worker leaves nothing of it, no row, no
 * event, no payload and no note; or all, where nothing had begun.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { purgeTree } from '../../src/engine/client/instance-tree.ts';
import { checkPurgeable } from '../../src/engine/purge/purge-instances.ts';
import { PurgeResumer } from '../../src/engine/purge/purge-resumer.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import {
  completedPatch,
  executionCompleted,
  firstCommit,
  id,
  start,
} from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { overriding } from '../support/overriding.ts';
import { LONG } from '../support/patience.ts';
import { azureOptions } from './azure-options.ts';

const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const backend = createAzureStorageBackend(options);
const ambient = { now: Date.now, newId: () => 'new' };
const FAMILY = ['root', 'root.0', 'root.0.0'];

beforeAll(() => backend.createHub());
afterAll(() => backend.deleteHub());
/** A chain of three, each with a payload in a blob; all are over. */
async function createFamily(): Promise<void> {
  for (const [level, name] of FAMILY.entries()) {
    const parent = FAMILY[level - 1];
    const child = FAMILY[level + 1];
    const started = start(id(name), {
      Input: JSON.stringify('x'.repeat(70_000)),
      ParentInstance:
        parent === undefined
          ? null
          : {
              OrchestrationInstance: { InstanceId: parent, ExecutionId: 'e' },
              Name: 'Parent',
              Version: '',
              TaskScheduleId: 0,
            },
    });
    const begun = firstCommit(started);
    const created: HistoryEvent[] =
      child === undefined
        ? []
        : [
            {
              EventType: 'SubOrchestrationInstanceCreated',
              EventId: 0,
              IsPlayed: false,
              Timestamp: started.event.Timestamp,
              InstanceId: child,
              Name: 'Child',
              Version: '',
              Input: null,
              ClientSpanId: null,
              Tags: null,
            },
          ];
    await backend.restoreInstance({
      record: {
        instanceId: id(name),
        parentInstanceId: parent ?? null,
        scheduledStartTime: null,
        generation: null,
        ...{ name: 'Any', version: '', input: started.event.Input, tags: null },
        ...completedPatch(started, '"done"'),
        createdTime: started.event.Timestamp,
        runtimeStatus: 'Completed',
        completedTime: started.event.Timestamp,
        output: '"done"',
      },
      executionId: begun.executionId,
      events: [...begun.newEvents, ...created, executionCompleted('"done"')],
    });
  }
}

/** Rows of both tables and blobs. */
async function countLeft(): Promise<number> {
  let count = 0;
  for (const table of [names.instancesTable, names.historyTable]) {
    for await (const _ of storage.table(table).listEntities()) count += 1;
  }
  for await (const _ of storage.container(names.largeMessageContainer).listBlobsFlat()) count += 1;
  return count;
}

async function resume(): Promise<void> {
  let looks = 0;
  const resumer = new PurgeResumer({
    backend: overriding(backend, { leads: () => true }),
    ambient,
    log: silentLogger,
    taskHub: options.taskHub,
    wait: async (_, signal) => {
      looks += 1;
      if (looks === 1) return;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
    },
  });
  resumer.start();
  await eventually(() => looks === 2);
  await resumer.stop();
}

/** Purges the tree by a process that makes so many requests, and no more. @returns whether it had to stop. */
async function purgeWithin(requests: number): Promise<boolean> {
  let left = requests;
  const dying = createAzureStorageBackend({
    ...options,
    onRequest() {
      left -= 1;
      if (left < 0) throw new Error('The process is dead.');
    },
  });
  try {
    await purgeTree({ backend: dying, ambient }, id('root'), checkPurgeable);
  } catch {
    // Whatever it is: nobody is there to hear it.
  }
  return left < 0;
}

describe('a purge of a tree', LONG, () => {
  it('leaves all or nothing, wherever its process dies', async () => {
    await createFamily();
    const whole = await countLeft();
    expect(whole).toBeGreaterThan(FAMILY.length * 6);
    const outcomes = new Set<number>();
    let requests = 0;

    for (let isCutShort = true; isCutShort; requests++) {
      for (const instanceId of FAMILY) await backend.purgeInstance(id(instanceId));
      await createFamily();
      expect(await countLeft()).toBe(whole);

      isCutShort = await purgeWithin(requests);
      await resume();

      const left = await countLeft();
      outcomes.add(left);
      expect([0, whole], `after ${requests} requests`).toContain(left);
      expect(await backend.listPurges()).toEqual([]);
    }

    expect(outcomes).toEqual(new Set([0, whole]));
    expect(requests).toBeGreaterThan(20);
  });
});

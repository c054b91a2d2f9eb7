import { afterEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { purgeBy } from '../../src/engine/purge/purge-instances.ts';
import { commitItem, nextItem } from '../contract/contract-hub.ts';
import {
  completedPatch,
  executionCompleted,
  firstCommit,
  id,
  nextCommit,
  orchestratorCompleted,
  orchestratorStarted,
  start,
  taskCompleted,
  taskScheduled,
} from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { azureOptions } from './azure-options.ts';

const POLL = 'queue get';

function countsOf(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((n) => n === name).length]),
  );
}

describe('requests', () => {
  let backend: TaskHubBackend;

  afterEach(async () => {
    await backend.stop();
    await backend.deleteHub();
  });

  it('are 15 for a start and a sequence of three activities that run here', async () => {
    const requests: string[] = [];
    backend = createAzureStorageBackend(
      azureOptions({ onRequest: (kind, operation) => requests.push(`${kind} ${operation}`) }),
    );
    await backend.createHub();
    await backend.start();
    await eventually(() => requests.filter((name) => name === POLL).length >= 4);
    requests.length = 0;

    await runHelloSequence(backend);
    const deletes = () => requests.filter((name) => name === 'queue delete').length;
    await eventually(() => deletes() === 4);

    // Four commits: a batch each, and a row for the first and the last only. Four puts: the start and three work items, none
    // for answers. Nothing is fetched, and each message is deleted once what it caused is stored.
    expect(countsOf(requests.filter((name) => name !== POLL))).toEqual({
      'queue put': 4,
      'table insert': 1,
      'table batch': 4,
      'table merge': 2,
      'queue delete': 4,
    });
    // What an idle worker polls for anyway, ever more rarely; nothing polls for what it sent itself.
    expect(requests.filter((name) => name === POLL).length).toBeLessThanOrEqual(4 * 5);
  });

  it('are five for each instance that is purged by filter, and one for a hundred that are listed', async () => {
    const requests: string[] = [];
    backend = createAzureStorageBackend(
      azureOptions({ onRequest: (kind, operation) => requests.push(`${kind} ${operation}`) }),
    );
    await backend.createHub();
    await backend.start();
    const ids = ['one', 'two', 'three'].map(id);
    for (const instanceId of ids) await runHelloSequence(backend, instanceId);
    await backend.stop();
    requests.length = 0;

    const ambient = { now: Date.now, newId: () => 'new' };
    const report = await purgeBy(
      { backend, ambient },
      { createdTimeFrom: new Date(0), runtimeStatuses: [] },
    );

    expect(report).toEqual({ instancesDeleted: 3, continuationToken: undefined });
    expect(countsOf(requests)).toEqual({
      'table query': 1 + 2 * 3,
      'table batch': 3,
      'blob list': 3,
      'table delete': 3,
    });
  });

  async function runHelloSequence(worker: TaskHubBackend, instanceId = id('hello')): Promise<void> {
    const started = start(instanceId);
    await worker.createInstance(started, undefined);
    let item = await nextItem(worker);
    let token;
    for (const taskId of [0, 1, 2]) {
      const activity = taskScheduled(started, taskId);
      const newEvents = [orchestratorStarted(), activity.event, orchestratorCompleted()];
      const commit =
        taskId === 0
          ? firstCommit(started, { outbox: [activity] })
          : nextCommit(started, 3 * taskId, { newEvents, outbox: [activity] });
      const receipt = await commitItem(worker, item, commit, { token, runHere: [activity] });
      const [workItem] = receipt.activities;
      if (workItem === undefined) throw new Error('The activity runs here.');
      await worker.completeActivity(workItem, taskCompleted(started, taskId));
      item = await nextItem(worker);
      token = receipt.token;
    }
    const newEvents = [executionCompleted('"done"')];
    const instance = completedPatch(started, '"done"');
    await commitItem(worker, item, nextCommit(started, 9, { newEvents, instance }), { token });
  }
});

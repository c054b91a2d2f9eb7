/** Terminate, suspend, resume and purge of an instance with everything below it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toInstanceId } from '../../../src/core/ids.ts';
import {
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../../../src/core/lifecycle/control-messages.ts';
import { reachingChildren } from '../../../src/core/lifecycle/steer-children.ts';
import type { TaskMessage } from '../../../src/core/task-message.ts';
import { eventually } from '../../support/eventually.ts';
import { LIFECYCLE_APP, runsOf } from '../../support/lifecycle-app.ts';
import { loadSdkApp, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

const hubs: SdkHub[] = [];
let app: SdkApp;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
afterAll(async () => {
  await app.dispose();
});
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

const NOW = new Date().toISOString();

/** A root with two children that have two each; the last level waits for an event. */
const FAMILY = ['f', 'f.0', 'f.1', 'f.0.0', 'f.0.1', 'f.1.0', 'f.1.1'];

async function startHub(): Promise<SdkHub> {
  const hub = new SdkHub(app.invoker);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

async function startFamily(): Promise<SdkHub> {
  const hub = await startHub();
  await hub.start('Family', { levels: 2, id: 'f' }, 'f');
  for (const id of FAMILY) await hub.history(id, (history) => history.length > 0);
  return hub;
}

async function statuses(hub: SdkHub, ids = FAMILY): Promise<(string | undefined)[]> {
  const records = ids.map((id) => hub.client.findStatus(id, { input: false }));
  return (await Promise.all(records)).map((record) => record?.runtimeStatus);
}

describe('a tree of instances', () => {
  it('is terminated as a whole, and the report names each', async () => {
    const hub = await startFamily();

    const report = await hub.client.trees.terminate('f', 'enough');

    expect(report.isSettled).toBe(true);
    expect(report.instances.map(({ instanceId }) => instanceId).sort()).toEqual([...FAMILY].sort());
    expect(new Set(report.instances.map(({ status }) => status))).toEqual(new Set(['Terminated']));
    expect(await statuses(hub)).toEqual(FAMILY.map(() => 'Terminated'));
    expect(await hub.client.findStatus('f.1.1', { input: false })).toMatchObject({
      output: 'enough',
    });
  });

  it('whose root was terminated alone can still be terminated below it', async () => {
    const hub = await startFamily();
    await hub.client.terminate('f', 'alone');
    await hub.ended('f');

    await hub.client.trees.terminate('f', 'all');

    expect(await hub.client.findStatus('f', { input: false })).toMatchObject({ output: 'alone' });
    expect(await statuses(hub)).toEqual(FAMILY.map(() => 'Terminated'));
  });

  it('is suspended and resumed as a whole', async () => {
    const hub = await startFamily();
    await hub.client.suspend('f.0', 'alone');

    expect((await hub.client.trees.suspend('f', 'all')).isSettled).toBe(true);
    expect(await statuses(hub)).toEqual(FAMILY.map(() => 'Suspended'));

    expect((await hub.client.trees.resume('f', 'all')).isSettled).toBe(true);
    expect(await statuses(hub)).toEqual(FAMILY.map(() => 'Running'));
    for (const id of FAMILY.slice(3)) await hub.client.raiseEvent(id, 'Go', `"${id}"`);
    expect((await hub.ended('f')).output).toBe('[["f.0.0","f.0.1"],["f.1.0","f.1.1"]]');
  });

  it('is purged as a whole once all of it is over', async () => {
    const hub = await startFamily();
    await hub.client.terminate('f', null);
    await hub.ended('f');

    await expect(hub.client.trees.purge('f')).rejects.toThrow(
      /instance ID f\.0 has status Running/,
    );
    expect(await statuses(hub)).not.toContain(undefined);

    await hub.client.trees.terminate('f', null);
    const report = await hub.client.trees.purge('f');
    expect(report.instances).toHaveLength(7);
    expect(report.instances[0]).toEqual({ instanceId: 'f', status: 'Purged' });
    expect(await statuses(hub)).toEqual(FAMILY.map(() => undefined));
  });

  it('is found again from its root after a purge that broke off', async () => {
    const hub = await startFamily();
    await hub.client.trees.terminate('f', null);
    for (const id of ['f.0', 'f.0.0', 'f.1.1']) await hub.client.purge(id);

    const { instances } = await hub.client.trees.purge('f');

    expect(instances.map(({ instanceId }) => instanceId)).toEqual(['f', 'f.1', 'f.1.0']);
  });

  it('does not reach an instance that took over the id of a child', async () => {
    const hub = await startFamily();
    await hub.client.terminate('f.1', null);
    await hub.ended('f.1');
    await hub.start('WaitForEvent', null, 'f.1');
    await hub.history('f.1', (history) =>
      history.some((e) => e.EventType === 'ExecutionStarted' && e.Name === 'WaitForEvent'),
    );

    const { instances } = await hub.client.trees.terminate('f', 'old');

    expect(instances.map(({ instanceId }) => instanceId)).not.toContain('f.1');
    expect(await statuses(hub, ['f.1'])).toEqual(['Running']);
  });

  it('reaches a child that continued as new, and what its latest generation started', async () => {
    const hub = await startHub();
    await hub.start('Parent', { child: 'Generations', childId: 'g', input: 3 }, 'root');
    const family = ['root', 'g', 'g.0'];
    await hub.history('g.0', (history) => history.length > 0);

    expect((await hub.client.trees.suspend('root', 'all')).isSettled).toBe(true);
    expect(await statuses(hub, family)).toEqual(family.map(() => 'Suspended'));
    const report = await hub.client.trees.terminate('root', 'enough');
    expect(report.instances.map(({ instanceId }) => instanceId)).toEqual(family);
    expect(await statuses(hub, family)).toEqual(family.map(() => 'Terminated'));
    expect((await hub.client.trees.purge('root')).instances).toHaveLength(3);
    expect(await statuses(hub, [...family, 'g.3'])).toEqual([
      ...family.map(() => undefined),
      'Completed',
    ]);
  });

  it('is terminated while a child goes from generation to generation', async () => {
    const hub = await startHub();
    await hub.start('Parent', { child: 'Forever', childId: 'busy' }, 'root');
    await eventually(() => runsOf('busy') > 2);

    expect((await hub.client.trees.terminate('root', 'enough')).isSettled).toBe(true);

    expect(await statuses(hub, ['root', 'busy'])).toEqual(['Terminated', 'Terminated']);
  });

  it('passes the request on by itself when whoever asked died after the first message', async () => {
    const hub = await startFamily();
    const ask = async (message: TaskMessage, status: string): Promise<void> => {
      await hub.backend.sendMessage(reachingChildren(message));
      await expect.poll(() => statuses(hub)).toEqual(FAMILY.map(() => status));
    };

    await ask(suspendMessage(toInstanceId('f'), 'a while', NOW), 'Suspended');
    await ask(resumeMessage(toInstanceId('f'), 'go on', NOW), 'Running');
    await ask(terminateMessage(toInstanceId('f'), 'enough', NOW), 'Terminated');
  });

  it('is terminated to the last child also when the request comes before the start of the child', async () => {
    const hub = new SdkHub(app.invoker);
    hubs.push(hub);
    const child = toInstanceId('f.0');
    const request = reachingChildren(terminateMessage(child, 'enough', NOW));
    await hub.backend.sendMessage({ ...request, sender: { instanceId: 'f', executionId: null } });
    await hub.worker.start();
    await hub.start('Family', { levels: 1, id: 'f' }, 'f');

    expect(await hub.ended('f.0')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('is left alone below an instance that is terminated, suspended or purged without asking for it', async () => {
    const hub = await startFamily();
    await hub.client.suspend('f.0', null);
    await hub.history('f.0', (history) =>
      history.some(({ EventType }) => EventType === 'ExecutionSuspended'),
    );
    await hub.client.terminate('f', null);
    await hub.ended('f');
    await hub.client.purge('f');

    expect(await statuses(hub)).toEqual([
      undefined,
      'Suspended',
      ...FAMILY.slice(2).map(() => 'Running'),
    ]);
    await hub.client.raiseEvent('f.1.0', 'Go', '1');
    await hub.client.raiseEvent('f.1.1', 'Go', '2');
    expect((await hub.ended('f.1')).output).toBe('[1,2]');
  });

  it('that does not exist is an error', async () => {
    const hub = await startFamily();

    for (const operation of ['terminate', 'suspend', 'resume'] as const) {
      await expect(hub.client.trees[operation]('nope', null)).rejects.toThrow(
        /No instance with ID/,
      );
    }
    await expect(hub.client.trees.purge('nope')).rejects.toThrow(/No instance with ID/);
  });
});

/** What a doctor finds in a hub that lost messages and rows, and what becomes of it when that is mended. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CorruptMessageError } from '../../../src/core/errors.ts';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import type { Finding } from '../../../src/engine/examine/finding.ts';
import type { MovableTaskHubBackend } from '../../../src/engine/hub-archive.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { eventRaised } from '../../contract/sample-messages.ts';
import { withLostRows } from '../../support/lost-rows.ts';
import { overriding } from '../../support/overriding.ts';
import { loadSdkApp, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

const HOUR_MS = 3_600_000;

let app: SdkApp;
let hub: SdkHub;
/** Below what a test makes of it. */
let memory: MovableTaskHubBackend;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/lost-messages.cjs');
});
afterAll(() => app.dispose());
afterEach(() => hub.worker.stop());

async function startHub(
  decorate: (inner: TaskHubBackend) => TaskHubBackend = (inner) => inner,
): Promise<void> {
  hub = new SdkHub(app.invoker, { commitWindowMs: 0 }, (inner) => {
    memory = inner as MovableTaskHubBackend;
    return decorate(inner);
  });
  await hub.worker.start();
}

async function findings(): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for await (const finding of hub.client.examine({ quietMs: 600_000 })) found.push(finding);
  return found;
}

async function begun(name: string, instanceId: string): Promise<string> {
  const id = await hub.start(name, undefined, instanceId);
  await hub.history(id, (history) =>
    history.some(({ EventType }) => EventType === 'OrchestratorCompleted'),
  );
  return id;
}

describe('a doctor', () => {
  it('finds nothing in a hub where all is as it should be', async () => {
    await startHub();
    await begun('CallChild', 'parent');
    await begun('Sleep', 'sleeper');
    hub.clock.skip(HOUR_MS / 2);

    expect(await findings()).toEqual([]);
  });

  it('finds messages for an instance that is not there', async () => {
    hub = new SdkHub(app.invoker);
    await hub.backend.sendMessage(eventRaised(toInstanceId('gone'), 'go'));
    await hub.backend.sendMessage(eventRaised(toInstanceId('gone'), 'go'));
    await hub.start('Child', undefined, 'begins');
    await hub.client.entities.signal('Counter', 'one', 'add', '5');
    hub.clock.skip(HOUR_MS / 2);

    const found = (await findings()).filter(({ kind }) => kind === 'messageOfNobody');

    expect(found.map(({ instanceId }) => instanceId)).toEqual(['gone']);
    expect(found[0]?.problem).toMatch(/^2 messages wait for it in '/);
    await found[0]?.repair?.();
    expect((await findings()).map(({ kind }) => kind)).not.toContain('messageOfNobody');
    await hub.worker.start();
    await hub.history('begins', (history) => history.length > 0);
  });

  it('leaves messages alone whose instance was started since they were found', async () => {
    hub = new SdkHub(app.invoker);
    await hub.backend.sendMessage(eventRaised(toInstanceId('late'), 'go', '"there"'));
    hub.clock.skip(HOUR_MS / 2);
    const [found] = (await findings()).filter(({ kind }) => kind === 'messageOfNobody');
    await hub.start('Child', undefined, 'late');

    await found?.repair?.();

    expect((await hub.backend.readBacklog()).controlQueues[0]?.waiting).toBe(2);
  });

  it('says which queues it has not seen to the end', async () => {
    hub = new SdkHub(app.invoker);
    for (let count = 0; count < 40; count++) {
      await hub.backend.sendMessage(eventRaised(toInstanceId('gone'), 'go'));
    }
    hub.clock.skip(HOUR_MS / 2);

    const found = (await findings()).filter(({ kind }) => kind !== 'nobodyWorks');

    expect(found.map(({ kind }) => kind)).toEqual(['notLookedAt']);
    expect(found[0]?.problem).toMatch(/^Of the 40 messages that wait in '\S+' storage shows 32:/);
  });

  it('finds a timer that was lost, and has it fire', async () => {
    await startHub();
    const id = await begun('Sleep', 'sleeper');
    await memory.clearMessages();
    hub.clock.skip(2 * HOUR_MS);

    const [finding, ...others] = await findings();
    expect([finding?.kind, finding?.instanceId, others]).toEqual(['lateTimer', id, []]);
    expect((await hub.client.findStatus(id, { input: false }))?.runtimeStatus).toBe('Running');
    await finding?.repair?.();

    expect((await hub.ended(id)).output).toBe('"woken"');
    expect(await findings()).toEqual([]);
  });

  it('finds a parent that was not told of the end of its child, and tells it', async () => {
    await startHub((inner) =>
      overriding(inner, {
        commitOrchestration: (item, request) =>
          inner.commitOrchestration(item, {
            ...request,
            commit: {
              ...request.commit,
              outbox: request.commit.outbox.filter(
                ({ event }) => event.EventType !== 'SubOrchestrationInstanceCompleted',
              ),
            },
          }),
      }),
    );
    const id = await begun('CallChild', 'parent');
    await hub.history('child', (history) => history.length > 0);
    await hub.client.raiseEvent('child', 'go', '"there"');
    await hub.ended('child');
    hub.clock.skip(HOUR_MS);

    const [finding, ...others] = await findings();
    expect([finding?.kind, finding?.instanceId, others]).toEqual(['untoldEnd', id, []]);
    await finding?.repair?.();

    expect((await hub.ended(id)).output).toBe('"there"');
  });

  it('finds a child that never came to be, and an instance that never started', async () => {
    await startHub((inner) =>
      overriding(inner, {
        commitOrchestration: (item, request) =>
          inner.commitOrchestration(item, {
            ...request,
            commit: { ...request.commit, outbox: [] },
          }),
      }),
    );
    await begun('CallChild', 'parent');
    await hub.worker.stop();
    await hub.start('Sleep', undefined, 'unstarted');
    await memory.clearMessages();
    hub.clock.skip(HOUR_MS);
    await memory.start();

    expect((await findings()).map(({ kind, instanceId }) => [kind, instanceId])).toEqual([
      ['lostChild', 'parent'],
      ['neverStarted', 'unstarted'],
    ]);
  });

  it('finds a row that is not what its history says, and writes it again', async () => {
    await startHub((inner) =>
      withLostRows(inner, (_, patch) => patch.runtimeStatus === 'Completed'),
    );
    const id = await begun('Child', 'alone');
    await hub.client.raiseEvent(id, 'go', '1');
    await hub.history(id, (history) =>
      history.some(({ EventType }) => EventType === 'ExecutionCompleted'),
    );
    hub.clock.skip(HOUR_MS);

    const [finding] = await findings();
    expect(finding?.problem).toBe('Its row says Running, and its history Completed.');
    await finding?.repair?.();

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '1' });
    expect(await findings()).toEqual([]);
  });

  it('finds an instance of a version that the app does not run', async () => {
    await startHub();
    await begun('Sleep', 'sleeper');
    hub.clock.skip(HOUR_MS / 2);

    const found = [];
    const versioning = { appVersion: '1.0', match: 'Strict', failure: 'Reject' } as const;
    for await (const { kind, instanceId } of hub.client.examine({ quietMs: 600_000, versioning })) {
      found.push([kind, instanceId]);
    }
    expect(found).toEqual([['otherVersion', 'sleeper']]);
  });

  it('finds histories that cannot be read, what was set aside, and that nobody works', async () => {
    await startHub((inner) =>
      overriding(inner, {
        readHistory: (id, options) =>
          id === 'bad' && hub.clock.now() > Date.now() + HOUR_MS / 2
            ? Promise.reject(new CorruptMessageError('It is torn.'))
            : inner.readHistory(id, options),
      }),
    );
    await begun('Sleep', 'bad');
    await hub.worker.stop();
    hub.clock.skip(0.9 * HOUR_MS);

    const found = await findings();
    expect(found.map(({ kind }) => kind)).toEqual(['nobodyWorks', 'unreadableHistory']);
    expect(found[1]?.problem).toContain('It is torn.');
  });
});

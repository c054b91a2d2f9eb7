/** What a replay of stored histories by today's code tells, for each generation of the SDK; and that it leaves no trace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type InstanceReplay,
  InstanceReplayer,
} from '../../../src/engine/examine/instance-replayer.ts';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import type { LogRecord } from '../../../src/telemetry/log.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

let nextKey = 0;

/** Of `changing.cjs`, which waits for the event `Go` after its first step. */
interface Instance {
  readonly id: string;
  /** From now on the code is the other one. */
  readonly change: () => void;
}

describe.each(ALL_SDKS)('a replay with durable-functions %s', (sdk) => {
  let app: SdkApp;
  let hub: SdkHub;
  let replayer: InstanceReplayer;
  const lines: string[] = [];
  beforeAll(async () => {
    const log = { write: (record: LogRecord) => void lines.push(record.message) };
    app = await loadSdkApp(sdk, 'orchestrations/changing.cjs', { log });
    hub = new SdkHub(app.invoker);
    await hub.worker.start();
    const { backend } = hub;
    replayer = new InstanceReplayer({ backend, invoker: app.invoker, settings: {} });
  });
  afterAll(async () => {
    await hub.worker.stop();
    await app.dispose();
  });

  async function waiting(before: string, after: string): Promise<Instance> {
    const key = `replayer-${sdk}-${nextKey++}`;
    const id = await hub.start('Changes', { before, after, key });
    const answers = before === 'all' ? 2 : before === 'nothing' ? 0 : 1;
    await hub.history(id, (history) => answersIn(history) >= answers && hasPaused(history));
    return {
      id,
      change: () => {
        process.env[`CHANGED_${key}`] = 'yes';
      },
    };
  }

  async function replayed(id: string): Promise<Partial<InstanceReplay>> {
    const before = [...(await hub.client.readHistory(id))];
    const lineCount = lines.length;
    expect(lineCount).toBeGreaterThan(0);
    const replay = await replayer.replay(id);
    expect(await hub.client.readHistory(id)).toEqual(before);
    expect(lines.length).toBe(lineCount);
    const { verdict, isFinished, step, reason } = replay ?? {};
    return { verdict, isFinished, step, reason } as Partial<InstanceReplay>;
  }

  it.each(['activity', 'timer', 'child', 'entity', 'all', 'nothing'])(
    'finds no difference where %s stays',
    async (step) => {
      const { id } = await waiting(step, step);

      const same = { verdict: 'same', step: null, reason: null };
      expect(await replayed(id)).toEqual({ ...same, isFinished: false });
      await hub.client.raiseEvent(id, 'Go', 'null');
      expect((await hub.ended(id)).output).toBe('"last"');
      expect(await replayed(id)).toEqual({ ...same, isFinished: true });
    },
  );

  it.each([
    ['activity', 'otherActivity', { kind: 'activity', name: 'Second' }],
    ['activity', 'timer', { kind: 'timer' }],
    ['activity', 'nothing', null],
  ])('names the step where %s became %s, which then fails there', async (before, after, asked) => {
    const { id, change } = await waiting(before, after);
    change();

    const found = await replayed(id);

    expect(found).toMatchObject({
      verdict: 'cannotContinue',
      step: { eventId: 0, index: 2, recorded: { kind: 'activity', name: 'First' }, asked },
    });
    await hub.worker.stop();
    hub = hub.again(app.invoker);
    await hub.worker.start();
    await hub.client.raiseEvent(id, 'Go', 'null');
    expect((await hub.ended(id)).output).toBe(
      `Orchestrator function 'Changes' failed: ${found.reason ?? ''}`,
    );
  });

  it('tells a further step, with which the instance goes on', async () => {
    const { id, change } = await waiting('nothing', 'activity');
    change();

    expect(await replayed(id)).toMatchObject({
      verdict: 'changed',
      step: { eventId: 0, index: null, recorded: null, asked: { kind: 'activity', name: 'First' } },
    });
  });

  it('tells of one that has ended, entities and those that are not there', async () => {
    const { id, change } = await waiting('activity', 'otherActivity');
    await hub.client.raiseEvent(id, 'Go', 'null');
    await hub.ended(id);
    change();

    expect(await replayed(id)).toMatchObject({ verdict: 'cannotContinue', isFinished: true });
    await waiting('entity', 'entity');
    expect(await replayer.replay('@counter@x')).toMatchObject({
      verdict: 'notReplayed',
      reason: 'It is an entity: entities have no history to replay.',
    });
    expect(await replayer.replay('nobody')).toBeUndefined();
  });

  it('ends in time', async () => {
    const { id } = await waiting('activity', 'activity');
    const { backend } = hub;
    const { invoker } = app;
    const hurried = new InstanceReplayer({ backend, invoker, settings: {}, maxMs: 0 });

    expect(await hurried.replay(id, AbortSignal.abort())).toMatchObject({
      verdict: 'notReplayed',
    });
  });
});

function answersIn(history: readonly HistoryEvent[]): number {
  return history.filter(
    ({ EventType }) =>
      EventType !== 'OrchestratorCompleted' && /Completed$|Fired$|Raised$/.test(EventType),
  ).length;
}

function hasPaused(history: readonly HistoryEvent[]): boolean {
  return history.at(-1)?.EventType === 'OrchestratorCompleted';
}

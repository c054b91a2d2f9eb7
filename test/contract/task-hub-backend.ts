/**
 * What every adapter of TaskHubBackend must do, in the terms of the port alone. An adapter's test calls
 * `taskHubBackendContract` with a way to make a hub of its own. Over 300 lines because it is one list of promises.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidContinuationTokenError, SessionLostError } from '../../src/core/errors.ts';
import type { HistoryEdit } from '../../src/core/lifecycle/rewind.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import {
  commitItem,
  type ContractHub,
  drain,
  expectNoActivity,
  expectNoOrchestration,
  listIds,
  nextActivity,
  nextItem,
  nextUnreadable,
  SILENCE_MS,
} from './contract-hub.ts';
import {
  completedPatch,
  eventRaised,
  executionCompleted,
  firstCommit,
  id,
  nextCommit,
  orchestratorStarted,
  runningPatch,
  start,
  taskCompleted,
  taskScheduled,
  TIMESTAMP,
  timerFired,
} from './sample-messages.ts';

const ODD_IDS = [
  'with spaces and %41 percent',
  "it's quoted ''twice''",
  'caret ^ and ^0',
  'braces {a} and {"b":1}',
  'emoji 😀 and Ångström',
  'a+b&c=d;e,f:g|h~',
  '@counter@my/key',
  'x'.repeat(100),
];

export function taskHubBackendContract(
  name: string,
  createHub: () => Promise<ContractHub> | ContractHub,
): void {
  describe(`${name} as a TaskHubBackend`, () => {
    let hub: ContractHub;
    let backend: TaskHubBackend;
    const opened = new Set<TaskHubBackend>();

    function connect(): TaskHubBackend {
      const connected = hub.connect();
      opened.add(connected);
      return connected;
    }

    /** Stops the backend and goes on with a new one on the same hub. */
    async function restart(): Promise<TaskHubBackend> {
      await backend.stop();
      backend = connect();
      await backend.start();
      return backend;
    }

    beforeEach(async () => {
      hub = await createHub();
      backend = connect();
      await backend.createHub();
      await backend.start();
    });

    afterEach(async () => {
      for (const one of opened) await one.stop();
      opened.clear();
      await backend.deleteHub();
    });

    describe('hub', () => {
      it('may be created twice', async () => {
        await expect(connect().createHub()).resolves.toBeUndefined();
      });

      it('may be deleted twice, and is empty when it is created again', async () => {
        const other = connect();
        await other.deleteHub();
        await expect(other.deleteHub()).resolves.toBeUndefined();
      });

      it('is there, for every process, from its creation until it is deleted', async () => {
        expect(await connect().hubExists()).toBe(true);
        await backend.deleteHub();
        expect(await connect().hubExists()).toBe(false);
        expect(await connect().hubExists()).toBe(false);
        await connect().createHub();
        expect(await backend.hubExists()).toBe(true);
      });

      it('tells how many partitions it has, while it is there', async () => {
        expect(await connect().readPartitionCount()).toBe(hub.partitionCount);
        await backend.deleteHub();
        expect(await connect().readPartitionCount()).toBeUndefined();
      });

      it('shows the messages of a queue to whoever looks, and takes none', async () => {
        await backend.stop();
        const client = connect();
        const started = start(id('order-1'));
        await client.createInstance(started, undefined);
        await client.sendMessage(taskScheduled(started, 0));
        const look = async () => {
          const { controlQueues, workItems } = await connect().readBacklog();
          const seen = await Promise.all(
            [...controlQueues, workItems].map(({ name: queue }) =>
              connect().peekMessages({ queue, count: 10, isDue: false }),
            ),
          );
          return seen.flatMap((messages) => messages ?? []);
        };
        const seen = [
          { instanceId: 'order-1', eventType: 'ExecutionStarted', name: 'HelloSequence' },
          { instanceId: 'order-1', eventType: 'TaskScheduled', taskEventId: 0 },
        ];

        expect(await look()).toMatchObject(seen);
        expect(await look()).toMatchObject(seen);
        expect((await look())[0]).toMatchObject({ dueTime: null, dequeueCount: 0 });
        expect(JSON.stringify(await look())).toContain('Tokyo');
        expect(
          await client.peekMessages({ queue: 'nothing', count: 1, isDue: false }),
        ).toBeUndefined();
        await backend.start();
        expect((await nextItem(backend)).messages).toHaveLength(1);
      });

      it('shows what is due first of what waits for its time, where storage shows it', async () => {
        await backend.stop();
        const client = connect();
        const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
        for (const [name, ms] of [
          ['later', 120_000],
          ['soon', 60_000],
        ] as const) {
          const ScheduledStartTime = inMs(ms);
          await client.createInstance(start(id(name), { ScheduledStartTime }), undefined);
        }
        const [queue] = (await client.readBacklog()).controlQueues;
        const due = await client.peekMessages({ queue: queue?.name ?? '', count: 1, isDue: true });

        if (hub.showsDue) expect(due).toMatchObject([{ instanceId: 'soon', dequeueCount: 0 }]);
        else expect(due).toBeUndefined();
        expect(
          await client.peekMessages({ queue: queue?.name ?? '', count: 9, isDue: false }),
        ).toEqual([]);
      });

      it('tells what waits, is in work and is due, while it is there', async () => {
        await backend.stop();
        const counts = async () => {
          const { controlQueues, workItems, nextDueInMs } = await connect().readBacklog();
          const control = controlQueues.map(({ waiting, hidden }) => waiting + hidden);
          return {
            control: control.reduce((sum, count) => sum + count, 0),
            workItems: workItems.waiting + workItems.hidden,
            isDue: nextDueInMs !== undefined && nextDueInMs <= 60_000,
          };
        };
        expect(await counts()).toEqual({ control: 0, workItems: 0, isDue: false });

        const client = connect();
        const ScheduledStartTime = new Date(Date.now() + 60_000).toISOString();
        await client.createInstance(start(id('later'), { ScheduledStartTime }), undefined);
        expect(await counts()).toEqual({ control: 1, workItems: 0, isDue: true });
        const started = start(id('order-1'));
        await client.createInstance(started, undefined);
        await client.sendMessage(taskScheduled(started, 0));
        expect(await counts()).toEqual({ control: 2, workItems: 1, isDue: true });

        await backend.start();
        // Its row may stay until its answer is in the history.
        await nextActivity(backend);
        expect(await counts()).toMatchObject({ workItems: 1 });

        await backend.deleteHub();
        expect(await counts()).toEqual({ control: 0, workItems: 0, isDue: false });
      });

      it('has no users when it is not there, or nobody works on it', async () => {
        await backend.stop();
        expect(await connect().listHubUsers()).toEqual([]);
        await backend.deleteHub();
        expect(await connect().listHubUsers()).toEqual([]);
      });

      it('has limits that leave room for the ids and timers of the product', () => {
        const { idProblem, maxTimerMs, timerSliceMs } = connect().limits;
        expect(ODD_IDS.map(idProblem)).toEqual(ODD_IDS.map(() => undefined));
        expect(timerSliceMs).toBeGreaterThan(0);
        expect(maxTimerMs).toBeGreaterThanOrEqual(timerSliceMs);
      });

      it('answers undefined to those who wait when they give up', async () => {
        await expectNoOrchestration(backend);
        await expectNoActivity(backend);
        expect(await backend.nextOrchestration(AbortSignal.abort())).toBeUndefined();
        expect(await backend.nextActivity(AbortSignal.abort())).toBeUndefined();
      });
    });

    describe('work before the delete', () => {
      it('comes before the messages are gone, and they come again when it could not be done', async () => {
        await backend.createInstance(start(id('order-1')), undefined);
        const item = await nextItem(backend);
        let calls = 0;
        const beforeDelete = (): Promise<boolean> => Promise.resolve(++calls > 1);

        await backend.settleOrchestration(item, {
          consumed: item.messages,
          deferred: [],
          beforeDelete,
        });
        const again = await nextItem(backend);
        expect(again.messages.map(({ message }) => message)).toEqual(
          item.messages.map(({ message }) => message),
        );
        await backend.settleOrchestration(again, {
          consumed: again.messages,
          deferred: [],
          beforeDelete,
        });

        await expectNoOrchestration(await restart());
        expect(calls).toBe(2);
      });
    });

    describe('starts', () => {
      it('delivers a start as an item of its own, without history', async () => {
        const started = start(id('order-1'), { Tags: { region: 'eu' } });

        await backend.createInstance(started, undefined);

        const item = await nextItem(backend);
        expect(item.instanceId).toBe('order-1');
        expect(item.messages).toMatchObject([
          { message: started, dequeueCount: 1, hasNoHistory: true },
        ]);
      });

      it('shows a start as pending before it runs', async () => {
        await backend.createInstance(start(id('order-1'), { Generation: 3 }), undefined);

        expect(await backend.findInstance(id('order-1'), { input: true })).toMatchObject({
          instanceId: 'order-1',
          name: 'HelloSequence',
          runtimeStatus: 'Pending',
          input: '"Tokyo"',
          output: null,
          customStatus: null,
          createdTime: '2026-01-31T10:00:00.1234567Z',
          generation: 3,
        });
      });

      it('delivers starts in the order in which they came', async () => {
        for (const name of ['first', 'second', 'third']) {
          await backend.createInstance(start(id(name)), undefined);
        }

        const order = [await nextItem(backend), await nextItem(backend), await nextItem(backend)];

        expect(order.map(({ instanceId }) => instanceId)).toEqual(['first', 'second', 'third']);
      });

      it('replaces the row of an earlier execution, and does not promise an empty history', async () => {
        const first = start(id('order-1'));
        await backend.createInstance(first, undefined);
        const item = await nextItem(backend);
        await commitItem(
          backend,
          item,
          firstCommit(first, { instance: completedPatch(first, '1') }),
        );
        const existing = await backend.findInstance(id('order-1'));
        const second = start(id('order-1'), { Generation: 1 });

        await backend.createInstance(second, existing);

        const row = await backend.findInstance(id('order-1'), { output: true });
        expect(row).toMatchObject({ runtimeStatus: 'Pending', output: null, generation: 1 });
        expect(row?.executionId).toBe(second.target.executionId);
        expect((await nextItem(backend)).messages).toMatchObject([{ hasNoHistory: false }]);
      });

      it('leaves a row alone that changed since it was read', async () => {
        const first = start(id('order-1'));
        await backend.createInstance(first, undefined);
        const stale = await backend.findInstance(id('order-1'));
        await backend.repairInstance({ instanceId: id('order-1'), instance: runningPatch(first) });

        await backend.createInstance(start(id('order-1')), stale);
        await backend.createInstance(start(id('order-1')), undefined);

        const row = await backend.findInstance(id('order-1'));
        expect(row?.executionId).toBe(first.target.executionId);
        const { messages } = await nextItem(backend);
        expect(messages.map(({ hasNoHistory }) => hasNoHistory)).toEqual([true, false, false]);
      });
    });

    describe('commits', () => {
      it('makes the events of a commit the history', async () => {
        const started = start(id('order-1'));
        await backend.createInstance(started, undefined);
        const commit = firstCommit(started);

        const { token } = await commitItem(backend, await nextItem(backend), commit);

        expect(await backend.readHistory(id('order-1'))).toEqual(commit.newEvents);
        expect(await backend.loadHistory(id('order-1'))).toEqual({
          executionId: started.target.executionId,
          events: commit.newEvents,
          token,
        });
      });

      it('has no history, no execution and no token for an instance that never ran', async () => {
        expect(await backend.loadHistory(id('nobody'))).toEqual({
          executionId: undefined,
          events: [],
          token: undefined,
        });
        expect(await backend.readHistory(id('nobody'))).toEqual([]);
      });

      it('appends the events of later commits', async () => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'Approved'));
        const later = nextCommit(started, 3);

        await commitItem(backend, await nextItem(backend), later, { token });

        const history = await backend.readHistory(id('order-1'));
        expect(history).toEqual([...firstCommit(started).newEvents, ...later.newEvents]);
      });

      it('stores a commit of 250 events whole and in order', async () => {
        const started = start(id('order-1'));
        await backend.createInstance(started, undefined);
        const times = Array.from(
          { length: 250 },
          (_, n) => `2026-01-31T10:00:00.${1_000_000 + n}Z`,
        );
        const newEvents = times.map(orchestratorStarted);

        await commitItem(backend, await nextItem(backend), firstCommit(started, { newEvents }));

        const { events } = await backend.loadHistory(id('order-1'));
        expect(events.map(({ Timestamp }) => Timestamp)).toEqual(times);
      });

      it('forgets the events of an execution that was replaced by a shorter one', async () => {
        const { started, token } = await committed('order-1', { events: 12 });
        await backend.sendMessage(eventRaised(id('order-1'), 'Again'));
        const next = start(id('order-1'));

        const receipt = await commitItem(
          backend,
          await nextItem(backend),
          firstCommit(next, { replacesExecution: true }),
          { token },
        );

        expect(started.target.executionId).not.toBe(next.target.executionId);
        expect(await backend.loadHistory(id('order-1'))).toEqual({
          executionId: next.target.executionId,
          events: firstCommit(next).newEvents,
          token: receipt.token,
        });
      });

      it.each([
        ['an older token', true],
        ['no token where there is a history', false],
      ])('refuses a commit with %s and writes nothing', async (_, hasToken) => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        await commitItem(backend, await nextItem(backend), nextCommit(started, 3), { token });
        await backend.sendMessage(eventRaised(id('order-1'), 'Two'));
        const item = await nextItem(backend);
        const before = await backend.loadHistory(id('order-1'));

        const lost = commitItem(
          backend,
          item,
          nextCommit(started, 5, { instance: completedPatch(started, '"lost"') }),
          { token: hasToken ? token : undefined },
        );

        await expect(lost).rejects.toThrow(SessionLostError);
        expect(await backend.loadHistory(id('order-1'))).toEqual(before);
        expect(await backend.findInstance(id('order-1'))).toMatchObject({
          runtimeStatus: 'Running',
        });
      });

      it('B6 delivers what a refused commit sent at most once, and what is committed in its place', async () => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        const item = await nextItem(backend);
        const sends = (name: string) => ({ outbox: [eventRaised(id('order-2'), name)] });
        await expect(
          commitItem(backend, item, nextCommit(started, 3, sends('refused'))),
        ).rejects.toThrow(SessionLostError);

        await commitItem(backend, item, nextCommit(started, 3, sends('committed')), { token });

        const names = await drainNames('committed');
        expect(names.filter((name) => name === 'committed')).toHaveLength(1);
        expect(names.filter((name) => name === 'refused').length).toBeLessThan(2);
        await expectNoOrchestration(await restart());
      });

      it('B6 hands an activity of a refused commit out at most once, also one that was to run here', async () => {
        const { started } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        const item = await nextItem(backend);
        const outbox = [taskScheduled(started, 0), taskScheduled(started, 1)];
        const runHere = outbox.slice(0, 1);
        await expect(
          commitItem(backend, item, nextCommit(started, 3, { outbox }), { runHere }),
        ).rejects.toThrow(SessionLostError);

        const offered = new Set<number>();
        for (;;) {
          const activity = await backend.nextActivity(AbortSignal.timeout(SILENCE_MS));
          if (activity === undefined) break;
          expect(offered).not.toContain(activity.message.event.EventId);
          offered.add(activity.message.event.EventId);
          await backend.completeActivity(
            activity,
            taskCompleted(started, activity.message.event.EventId),
          );
        }
      });

      it('keeps the item of a refused commit out, and delivers it again once it is abandoned', async () => {
        await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'Two'));
        const item = await nextItem(backend);
        await expect(
          commitItem(backend, item, firstCommit(start(id('order-1')))),
        ).rejects.toThrow();
        await backend.sendMessage(eventRaised(id('order-1'), 'Three'));
        await expectNoOrchestration(backend);

        await backend.abandonOrchestration(item);

        const messages = await drain(backend, 2);
        expect(messages.map(({ event }) => event)).toMatchObject([
          { Name: 'Two' },
          { Name: 'Three' },
        ]);
      });

      it('writes the whole row when there is none to change', async () => {
        const started = start(id('child'));
        await backend.sendMessage(started);
        const first = firstCommit(started, { instance: undefined });
        const { token } = await commitItem(backend, await nextItem(backend), first);
        await backend.sendMessage(eventRaised(id('child'), 'Finish'));
        const end = nextCommit(started, 3, { instance: completedPatch(started, '"done"') });

        await commitItem(backend, await nextItem(backend), end, {
          token,
          wholeInstance: () => ({ ...runningPatch(started), ...completedPatch(started, '"done"') }),
        });

        const row = await backend.findInstance(id('child'), { input: true, output: true });
        const { Name: name, Input: input, Timestamp: createdTime } = started.event;
        expect(row).toMatchObject({ runtimeStatus: 'Completed', output: '"done"', name, input });
        expect(row).toMatchObject({ createdTime });
      });

      it('repairs a row unless it changed, or went, since it was read', async () => {
        const { started } = await committed('order-1');
        const instance = { ...runningPatch(started), customStatus: '1' };
        const stale = await backend.findInstance(id('order-1'));
        await backend.repairInstance({ instanceId: id('order-1'), instance }, stale?.etag);
        const late = { ...instance, customStatus: '2' };

        await backend.repairInstance({ instanceId: id('order-1'), instance: late }, stale?.etag);
        await backend.repairInstance({ instanceId: id('gone'), instance: late }, stale?.etag);

        expect(await backend.findInstance(id('order-1'))).toMatchObject({ customStatus: '1' });
        expect(await backend.findInstance(id('gone'))).toBeUndefined();
      });

      it('does not ask for the whole row when there is one', async () => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'Finish'));
        const instance = completedPatch(started, '"done"');

        await commitItem(backend, await nextItem(backend), nextCommit(started, 3, { instance }), {
          token,
          wholeInstance: () => {
            throw new Error('There is a row.');
          },
        });

        expect(await backend.findInstance(id('order-1'), { input: true })).toMatchObject({
          runtimeStatus: 'Completed',
          input: '"Tokyo"',
        });
      });

      it('merges the status into the row and keeps what the commit does not name', async () => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'Finish'));
        const instance = { ...completedPatch(started, '"done"'), customStatus: '{"step":2}' };

        await commitItem(backend, await nextItem(backend), nextCommit(started, 3, { instance }), {
          token,
        });

        expect(
          await backend.findInstance(id('order-1'), { input: true, output: true }),
        ).toMatchObject({
          runtimeStatus: 'Completed',
          input: '"Tokyo"',
          output: '"done"',
          customStatus: '{"step":2}',
          createdTime: '2026-01-31T10:00:00.1234567Z',
          completedTime: '2026-01-31T10:00:00.1234567Z',
        });
      });

      it('writes a row again that a crash left behind', async () => {
        const { started } = await committed('order-1');

        await backend.repairInstance({
          instanceId: id('order-1'),
          instance: completedPatch(started, '"late"'),
        });

        const row = await backend.findInstance(id('order-1'), { output: true });
        expect(row).toMatchObject({ runtimeStatus: 'Completed', output: '"late"' });
      });
    });

    describe('ownership', () => {
      it('has one epoch between start and stop, and another one afterwards', async () => {
        await backend.createInstance(start(id('order-1')), undefined);
        await backend.createInstance(start(id('order-2')), undefined);
        const [one, two] = [await nextItem(backend), await nextItem(backend)];
        expect(two.epoch).toBe(one.epoch);
        for (const item of [one, two]) {
          await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
        }

        await backend.stop();
        await backend.start();

        await backend.createInstance(start(id('order-3')), undefined);
        expect((await nextItem(backend)).epoch).not.toBe(one.epoch);
      });

      it('tells whether somebody wrote a history since it had a token', async () => {
        const { started, token } = await committed('order-1');
        expect(await backend.isCurrent(id('order-1'), token)).toBe(true);

        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        await commitItem(backend, await nextItem(backend), nextCommit(started, 3), { token });
        expect(await backend.isCurrent(id('order-1'), token)).toBe(false);

        await backend.purgeInstance(id('order-1'));
        expect(await backend.isCurrent(id('order-1'), token)).toBe(false);
      });
    });

    describe('delivery', () => {
      it('makes one item of all messages that wait for an instance', async () => {
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        await backend.sendMessage(eventRaised(id('order-1'), 'Two'));

        const { messages } = await nextItem(backend);

        expect(messages.map(({ message }) => message.event)).toMatchObject([
          { Name: 'One' },
          { Name: 'Two' },
        ]);
      });

      it('has no second item out for an instance', async () => {
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        const item = await nextItem(backend);
        await backend.sendMessage(eventRaised(id('order-1'), 'Two'));
        await expectNoOrchestration(backend);

        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });

        const { messages } = await nextItem(backend);
        expect(messages).toMatchObject([{ message: { event: { Name: 'Two' } } }]);
      });

      it('serves other instances while one is out', async () => {
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        await nextItem(backend);
        await backend.sendMessage(eventRaised(id('order-2'), 'Two'));

        expect((await nextItem(backend)).instanceId).toBe('order-2');
      });

      it('does not deliver again what was settled', async () => {
        await backend.sendMessage(eventRaised(id('order-1'), 'One'));
        const item = await nextItem(backend);

        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });

        await expectNoOrchestration(await restart());
      });

      it('does not deliver again what was committed', async () => {
        await committed('order-1');

        await expectNoOrchestration(await restart());
      });

      it('delivers what was abandoned again, later, and counts', async () => {
        await backend.createInstance(start(id('order-1')), undefined);
        const item = await nextItem(backend);

        await backend.abandonOrchestration(item);

        const again = await nextItem(backend);
        expect(again.messages).toMatchObject([{ dequeueCount: 2, hasNoHistory: false }]);
      });

      it('delivers what was deferred again, and only that', async () => {
        await backend.sendMessage(eventRaised(id('order-1'), 'Early'));
        await backend.sendMessage(eventRaised(id('order-1'), 'Fine'));
        const item = await nextItem(backend);
        const [early, fine] = item.messages;
        if (early === undefined || fine === undefined) throw new Error('Two messages, please.');

        await backend.settleOrchestration(item, { consumed: [fine], deferred: [early] });

        const again = await nextItem(backend);
        expect(again.messages).toMatchObject([
          { message: { event: { Name: 'Early' } }, dequeueCount: 2 },
        ]);
      });

      it('B8 lets no event overtake one that was put off, nor a start', async () => {
        const raise = (name: string): Promise<void> =>
          backend.sendMessage(eventRaised(id('order-1'), name));
        await backend.createInstance(start(id('order-1')), undefined);
        const first = await nextItem(backend);
        await raise('One');
        await backend.settleOrchestration(first, { consumed: [], deferred: first.messages });
        await raise('Two');
        const again = await nextItem(backend);
        await raise('Three');
        await backend.abandonOrchestration(again);
        await raise('Four');

        const seen: string[] = [];
        while (seen.length < 5) {
          const item = await nextItem(backend);
          seen.push(...item.messages.map(({ message }) => nameOf(message)));
          await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
        }
        expect(seen).toEqual(['start', 'One', 'Two', 'Three', 'Four']);
      });

      it('B8 delivers what came behind one that is put off again and again', async () => {
        await backend.sendMessage(eventRaised(id('order-1'), 'Stuck'));
        const first = await nextItem(backend);
        await backend.settleOrchestration(first, { consumed: [], deferred: first.messages });
        await backend.sendMessage(eventRaised(id('order-1'), 'Behind'));

        const { messages } = await nextItem(backend);

        expect(messages.map(({ message }) => nameOf(message))).toEqual(['Stuck', 'Behind']);
      });

      it('B8 delivers what came before a start first, once the instance has begun', async () => {
        const started = start(id('order-1'));
        await backend.sendMessage(eventRaised(id('order-1'), 'Early'));
        const early = await nextItem(backend);
        await backend.settleOrchestration(early, { consumed: [], deferred: early.messages });
        await backend.createInstance(started, undefined);
        await commitItem(backend, await nextItem(backend), firstCommit(started));
        await backend.sendMessage(eventRaised(id('order-1'), 'Later'));

        const { messages } = await nextItem(backend);

        expect(messages.map(({ message }) => nameOf(message))[0]).toBe('Early');
      });

      it('delivers again after a restart what was waiting', async () => {
        await backend.createInstance(start(id('order-1')), undefined);
        await backend.sendMessage(eventRaised(id('order-2'), 'One'));

        await restart();

        const ids = [await nextItem(backend), await nextItem(backend)].map((i) => i.instanceId);
        expect(ids.sort()).toEqual(['order-1', 'order-2']);
      });

      it('lets an item that is out be committed after the stop', async () => {
        const started = start(id('order-1'));
        await backend.createInstance(started, undefined);
        const item = await nextItem(backend);
        await backend.stop();

        await commitItem(backend, item, firstCommit(started));

        await expectNoOrchestration(await restart());
        expect(await backend.readHistory(id('order-1'))).toHaveLength(3);
      });

      it('delivers what another process sent that does not work itself', async () => {
        const client = connect();

        await client.createInstance(start(id('order-1')), undefined);
        await client.sendMessage(eventRaised(id('order-1'), 'Approved', '"yes"'));

        const events = (await drain(backend, 2)).map(({ event }) => event);
        expect(events.map(({ EventType }) => EventType)).toEqual([
          'ExecutionStarted',
          'EventRaised',
        ]);
      });

      it('delivers what a commit sends to other instances', async () => {
        const started = start(id('order-1'));
        await backend.createInstance(started, undefined);
        const outbox = [eventRaised(id('order-2'), 'Hello'), start(id('child-1'))];

        await commitItem(backend, await nextItem(backend), firstCommit(started, { outbox }));

        const targets = (await drain(backend, 2)).map(({ target }) => target.instanceId);
        expect([...targets].sort()).toEqual(['child-1', 'order-2']);
      });
    });

    describe('due times', () => {
      it('fires a timer when it is due and not before', async () => {
        const { started, item } = await takenStart('order-1');
        const fireAt = Date.now() + 700;
        const outbox = [timerFired(started, 0, fireAt)];

        await commitItem(backend, item, firstCommit(started, { outbox }));

        const { messages } = await nextItem(backend);
        expect(Date.now()).toBeGreaterThanOrEqual(fireAt);
        expect(messages).toMatchObject([{ message: { event: { TimerId: 0 } } }]);
      });

      it('holds a scheduled start back, but shows it as pending', async () => {
        const dueAt = Date.now() + 700;
        const ScheduledStartTime = new Date(dueAt).toISOString();

        await backend.createInstance(start(id('order-1'), { ScheduledStartTime }), undefined);

        expect(await backend.findInstance(id('order-1'))).toMatchObject({
          runtimeStatus: 'Pending',
        });
        await nextItem(backend);
        expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
      });

      it('holds a delayed entity operation back', async () => {
        const dueAt = Date.now() + 700;

        await backend.sendMessage(
          eventRaised(id('@counter@a'), `op@${new Date(dueAt).toISOString()}`, '{}'),
        );

        await nextItem(backend);
        expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
      });

      it('delivers what is due at once together with nothing that is due later', async () => {
        const { started, item } = await takenStart('order-1');
        const outbox = [
          timerFired(started, 0, Date.now() + 3_600_000),
          timerFired(started, 1, Date.now() - 1_000),
        ];

        await commitItem(backend, item, firstCommit(started, { outbox }));

        const { messages } = await nextItem(backend);
        expect(messages).toMatchObject([{ message: { event: { TimerId: 1 } } }]);
      });

      it('fires a timer that was set before a restart', async () => {
        const { started, item } = await takenStart('order-1');
        const fireAt = Date.now() + 1_500;
        const outbox = [timerFired(started, 0, fireAt)];
        await commitItem(backend, item, firstCommit(started, { outbox }));

        await restart();

        await nextItem(backend);
        expect(Date.now()).toBeGreaterThanOrEqual(fireAt);
      });

      it('takes a timer that is due in months', async () => {
        const { started, item } = await takenStart('order-1');
        const outbox = [timerFired(started, 0, Date.now() + 90 * 24 * 3_600_000)];

        await commitItem(backend, item, firstCommit(started, { outbox }));

        await expectNoOrchestration(backend);
      });
    });

    describe('activities', () => {
      it('offers a scheduled activity to whoever asks', async () => {
        const { started, item } = await takenStart('order-1');
        const activity = taskScheduled(started, 0);

        await commitItem(backend, item, firstCommit(started, { outbox: [activity] }));

        expect(await nextActivity(backend)).toMatchObject({ message: activity, dequeueCount: 1 });
      });

      it('returns the activities reserved for here, in order, and offers them to nobody', async () => {
        const { started, item } = await takenStart('order-1');
        const outbox = [0, 1, 2].map((taskId) => taskScheduled(started, taskId));
        const runHere = outbox.toReversed();

        const { activities } = await commitItem(backend, item, firstCommit(started, { outbox }), {
          runHere,
        });

        expect(activities.map(({ message }) => message)).toEqual(runHere);
        await expectNoActivity(backend);
      });

      it('serves several who wait, each with an activity of its own', async () => {
        const { started, item } = await takenStart('order-1');
        const outbox = [0, 1, 2].map((taskId) => taskScheduled(started, taskId));
        const waiting = outbox.map(() => nextActivity(backend));

        await commitItem(backend, item, firstCommit(started, { outbox }));

        const ids = (await Promise.all(waiting)).map(({ message }) => message.event.EventId);
        expect(ids.sort()).toEqual([0, 1, 2]);
      });

      it.each(['reserved', 'offered'])('delivers the answer of a %s activity', async (how) => {
        const { started, activity } = await takenActivity('order-1', how === 'reserved');
        const answer = taskCompleted(started, 0);

        await backend.completeActivity(activity, answer);

        const { messages } = await nextItem(backend);
        expect(messages).toMatchObject([{ message: answer, dequeueCount: 1 }]);
      });

      it.each(['reserved', 'offered'])(
        'is done with a %s activity once its answer is committed',
        async (how) => {
          const { started, token, activity } = await takenActivity('order-1', how === 'reserved');
          await backend.completeActivity(activity, taskCompleted(started, 0));
          await commitItem(backend, await nextItem(backend), nextCommit(started, 4), { token });

          await restart();

          await expectNoActivity(backend);
          await expectNoOrchestration(backend);
        },
      );

      it('keeps an answer that was not committed across a restart', async () => {
        const { started, activity } = await takenActivity('order-1', true);
        await backend.completeActivity(activity, taskCompleted(started, 0, '"kept"'));

        await restart();

        const { messages } = await nextItem(backend);
        expect(messages).toMatchObject([{ message: { event: { Result: '"kept"' } } }]);
      });

      it('delivers an answer again whose item was abandoned', async () => {
        const { started, activity } = await takenActivity('order-1', true);
        await backend.completeActivity(activity, taskCompleted(started, 0));

        await backend.abandonOrchestration(await nextItem(backend));

        const { messages } = await nextItem(backend);
        expect(messages).toMatchObject([
          { message: { event: { EventType: 'TaskCompleted' } }, dequeueCount: 2 },
        ]);
      });

      it.each(['reserved', 'offered'])('offers an abandoned %s activity again', async (how) => {
        const { activity } = await takenActivity('order-1', how === 'reserved');

        await backend.abandonActivity(activity);

        const again = await nextActivity(backend);
        expect(again).toMatchObject({ dequeueCount: 2, message: { event: { EventId: 0 } } });
      });

      it('offers an activity again after a restart that nobody took', async () => {
        const { started, item } = await takenStart('order-1');
        const outbox = [taskScheduled(started, 0)];
        await commitItem(backend, item, firstCommit(started, { outbox }));

        await restart();

        expect(await nextActivity(backend)).toMatchObject({ message: { event: { EventId: 0 } } });
      });

      it('offers an activity again after a restart that was abandoned at the stop', async () => {
        const { activity } = await takenActivity('order-1', true);
        await backend.stop();
        await backend.abandonActivity(activity);

        await restart();

        expect(await nextActivity(backend)).toMatchObject({ message: { event: { EventId: 0 } } });
      });
    });

    describe('clients', () => {
      it('finds no instance where there is none', async () => {
        expect(await backend.findInstance(id('nobody'))).toBeUndefined();
      });

      it('reads input and output only when asked', async () => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'Finish'));
        const instance = completedPatch(started, '"done"');
        await commitItem(backend, await nextItem(backend), nextCommit(started, 3, { instance }), {
          token,
        });

        const plain = await backend.findInstance(id('order-1'));
        const withOutput = await backend.findInstance(id('order-1'), { output: true });

        expect(plain).toMatchObject({ input: null, output: null });
        expect(withOutput).toMatchObject({ input: null, output: '"done"' });
      });

      it('lists by status, id prefix, creation time, and without entities', async () => {
        const startAt = (name: string, Timestamp: string): Promise<void> =>
          backend.createInstance(start(id(name), { Timestamp }), undefined);
        await startAt('order-1', '2026-01-01T00:00:00Z');
        await startAt('order-2', '2026-01-02T00:00:00Z');
        await startAt('other', '2026-01-03T00:00:00Z');
        await startAt('@counter@a', '2026-01-04T00:00:00Z');
        await backend.repairInstance({
          instanceId: id('order-2'),
          instance: completedPatch(start(id('order-2')), null),
        });
        const from = new Date('2026-01-02T00:00:00Z');
        const to = new Date('2026-01-03T00:00:00Z');

        expect(await listIds(backend)).toEqual(['@counter@a', 'order-1', 'order-2', 'other']);
        expect(await listIds(backend, { runtimeStatuses: ['Completed'] })).toEqual(['order-2']);
        expect(await listIds(backend, { instanceIdPrefix: 'order-' })).toEqual([
          'order-1',
          'order-2',
        ]);
        expect(await listIds(backend, { createdTimeFrom: from, createdTimeTo: to })).toEqual([
          'order-2',
          'other',
        ]);
        expect(await listIds(backend, { excludeEntities: true })).toHaveLength(3);
        const runtimeStatuses = ['Completed'] as const;
        const endedMs = Date.parse(TIMESTAMP);
        const endedBefore = { runtimeStatuses, lastUpdatedTo: new Date(endedMs - 1) };
        const endedThen = { runtimeStatuses, lastUpdatedTo: new Date(endedMs + 1) };
        expect(await listIds(backend, endedBefore)).toEqual([]);
        expect(await listIds(backend, endedThen)).toEqual(['order-2']);
      });

      it('lists what a function is called exactly', async () => {
        for (const [n, Name] of ['Ship', 'ship', "Shi'p"].entries()) {
          await backend.createInstance(start(id(`order-${n}`), { Name }), undefined);
        }

        expect(await listIds(backend, { name: 'Ship' })).toEqual(['order-0']);
        expect(await listIds(backend, { name: "Shi'p" })).toEqual(['order-2']);
      });

      it('lists page by page, each instance once', async () => {
        const names = Array.from({ length: 7 }, (_, n) => `order-${n}`);
        for (const name of names) await backend.createInstance(start(id(name)), undefined);
        const seen: string[] = [];
        let continuationToken: string | undefined;

        do {
          const page = await backend.listInstances({
            pageSize: 3,
            includeInput: false,
            includeOutput: false,
            ...(continuationToken === undefined ? {} : { continuationToken }),
          });
          expect(page.instances.length).toBeLessThanOrEqual(3);
          seen.push(...page.instances.map(({ instanceId }) => instanceId));
          continuationToken = page.continuationToken;
        } while (continuationToken !== undefined);

        expect(seen).toEqual(names);
      });

      it.each([{}, { runtimeStatuses: ['Pending', 'Completed'] as const }, { name: 'A' }])(
        'lists the newest first or in its own order, each instance once: %j',
        async (filter) => {
          for (const n of [3, 1, 4, 2]) {
            const Timestamp = `2026-01-0${n}T00:00:00Z`;
            await backend.createInstance(start(id(`o-${n}`), { Timestamp, Name: 'A' }), undefined);
          }
          const done = start(id('o-2'), { Timestamp: '2026-01-02T00:00:00Z', Name: 'A' });
          await backend.repairInstance({
            instanceId: id('o-2'),
            instance: completedPatch(done, null),
          });
          const seen: string[] = [];
          let continuationToken: string | undefined;

          do {
            const page = await backend.listInstances({
              ...filter,
              newestFirst: true,
              pageSize: 1,
              includeInput: false,
              includeOutput: false,
              ...(continuationToken === undefined ? {} : { continuationToken }),
            });
            seen.push(...page.instances.map(({ instanceId }) => instanceId));
            continuationToken = page.continuationToken;
          } while (continuationToken !== undefined);

          const newestFirst = ['o-4', 'o-3', 'o-2', 'o-1'];
          expect([newestFirst, newestFirst.toReversed()]).toContainEqual(seen);
        },
      );

      it('ends a page with the payload that makes it long enough, and leaves nothing out', async () => {
        const names = ['a', "a'b", 'b', 'c', 'd'];
        const input = JSON.stringify('x'.repeat(40_000));
        for (const name of names) {
          await backend.createInstance(start(id(name), { Input: input }), undefined);
        }
        const pages: string[][] = [];
        let continuationToken: string | undefined;

        do {
          const page = await backend.listInstances({
            pageSize: 4,
            maxPageLength: 50_000,
            includeInput: true,
            includeOutput: false,
            ...(continuationToken === undefined ? {} : { continuationToken }),
          });
          pages.push(page.instances.map(({ instanceId }) => instanceId));
          continuationToken = page.continuationToken;
        } while (continuationToken !== undefined);

        expect(pages).toEqual([['a', "a'b"], ['b', 'c'], ['d']]);
      });

      it.each(['nonsense', '', 'eyJhIjoxfQ', Buffer.from('"text"').toString('base64url')])(
        'refuses the continuation token %j',
        async (continuationToken) => {
          await expect(listIds(backend, { continuationToken })).rejects.toThrow(
            InvalidContinuationTokenError,
          );
        },
      );

      it('purges an instance whole, and its neighbour not at all', async () => {
        await committed('order-1');
        await committed('order-10');

        expect(await backend.purgeInstance(id('order-1'))).toEqual({ recordsDeleted: 4 });

        expect(await backend.findInstance(id('order-1'))).toBeUndefined();
        expect(await backend.loadHistory(id('order-1'))).toMatchObject({ token: undefined });
        expect(await backend.readHistory(id('order-10'))).toHaveLength(3);
      });

      it('leaves what was started anew since it was listed, with its history and payloads', async () => {
        const { started, token } = await committed('order-1');
        const listed = await backend.findInstance(id('order-1'));
        const payload = JSON.stringify('a'.repeat(64 * 1024));
        const again = start(id('order-1'), { Input: payload });
        await backend.createInstance(again, listed);
        expect(again.target.executionId).not.toBe(started.target.executionId);

        expect(await backend.purgeInstance(id('order-1'), listed)).toBeUndefined();
        const item = await nextItem(backend);
        await commitItem(backend, item, firstCommit(again), { token });
        expect(await backend.purgeInstance(id('order-1'), listed)).toBeUndefined();

        expect(item.messages[0]?.message.event).toMatchObject({ Input: payload });
        expect(await backend.findInstance(id('order-1'))).toMatchObject({
          executionId: again.target.executionId,
        });
        expect(await backend.readHistory(id('order-1'))).toHaveLength(3);
      });

      it('leaves what was rewound since it was listed, with its history', async () => {
        await committed('order-1');
        const listed = await backend.findInstance(id('order-1'));
        if (listed === undefined) throw new Error('There is no such instance.');
        await backend.reviveInstance(listed, new Date().toISOString());

        expect(await backend.purgeInstance(id('order-1'), listed)).toBeUndefined();

        expect(await backend.findInstance(id('order-1'))).toMatchObject({
          runtimeStatus: 'Pending',
        });
        expect(await backend.readHistory(id('order-1'))).toHaveLength(3);
      });

      it('purges what is as it was listed', async () => {
        await committed('order-1');
        const listed = await backend.findInstance(id('order-1'));

        expect(await backend.purgeInstance(id('order-1'), listed)).toEqual({ recordsDeleted: 4 });

        expect(await backend.findInstance(id('order-1'))).toBeUndefined();
      });

      it('knows of purges of whole trees until they are over, in every process', async () => {
        const strange = { instanceId: id('a/b?c#\\"1'), executionId: null };
        const client = connect();
        expect(await client.listPurges()).toEqual([]);
        await client.notePurge({ instanceId: id('order-1'), executionId: 'e1' });
        await client.notePurge({ instanceId: id('order-1'), executionId: 'e2' });
        await client.notePurge(strange);

        await restart();

        const noted = [...(await backend.listPurges())].sort((a, b) =>
          b.instanceId.localeCompare(a.instanceId),
        );
        expect(noted).toEqual([{ instanceId: 'order-1', executionId: 'e2' }, strange]);
        await client.forgetPurge(strange);
        await client.forgetPurge(strange);
        expect(await backend.listPurges()).toHaveLength(1);
        await backend.stop();
        await backend.deleteHub();
        await backend.createHub();
        expect(await backend.listPurges()).toEqual([]);
      });

      it('has nothing to purge where there is no instance', async () => {
        expect(await backend.purgeInstance(id('nobody'))).toBeUndefined();
      });

      it('starts an id again that was purged', async () => {
        await committed('order-1');
        await backend.purgeInstance(id('order-1'));

        await committed('order-1');

        expect(await backend.readHistory(id('order-1'))).toHaveLength(3);
      });
    });

    describe('content', () => {
      it.each([
        ['64 KB', 64 * 1024],
        ['200 KB', 200 * 1024],
        ['40 KB of two-byte characters', -40 * 1024],
      ])('carries payloads of %s unchanged', async (_, size) => {
        const payload = JSON.stringify((size < 0 ? 'ä' : 'a').repeat(Math.abs(size)));
        const client = connect();
        const started = start(id('order-1'), { Input: payload });
        await client.createInstance(started, undefined);
        await client.sendMessage(eventRaised(id('order-1'), 'Data', payload));
        const pending = await backend.findInstance(id('order-1'), { input: true });
        expect(pending?.input).toBe(payload);

        const item = await nextItem(backend);
        const newEvents = [...firstCommit(started).newEvents, executionCompleted(payload)];
        const instance = { ...runningPatch(started), ...completedPatch(started, payload) };
        await commitItem(backend, item, firstCommit(started, { newEvents, instance }));

        const row = await backend.findInstance(id('order-1'), { input: true, output: true });
        expect(row).toMatchObject({ input: payload, output: payload });
        expect(await backend.readHistory(id('order-1'))).toEqual(newEvents);
      });

      it.each(ODD_IDS)('serves the instance id %j', async (name) => {
        const { started, token } = await committed(name);
        await backend.sendMessage(eventRaised(id(name), 'Again'));
        await commitItem(backend, await nextItem(backend), nextCommit(started, 3), { token });

        expect(await backend.findInstance(id(name))).toMatchObject({ instanceId: name });
        expect(await listIds(backend, { instanceIdPrefix: name })).toEqual([name]);
        expect(await backend.readHistory(id(name))).toHaveLength(5);
        expect(await backend.purgeInstance(id(name))).toEqual({ recordsDeleted: 6 });
        expect(await listIds(backend)).toEqual([]);
      });
    });

    describe('rewriting a finished history', () => {
      const edited = (index: number, timestamp = TIMESTAMP): HistoryEdit => ({
        index,
        event: {
          EventType: 'GenericEvent',
          EventId: -1,
          IsPlayed: false,
          Timestamp: timestamp,
          Data: null,
        },
        reason: 'Rewound: OrchestratorCompleted',
      });

      it('replaces single events and leaves the others as they are', async () => {
        const { token } = await committed('order-1', { events: 5 });
        const before = await backend.readHistory(id('order-1'));

        const edits = [edited(2), edited(4)];
        await backend.rewriteHistory(id('order-1'), { token, edits });

        const after = await backend.readHistory(id('order-1'));
        expect(after).toEqual(
          before.map((event, n) => (n % 2 === 0 && n > 0 ? edits[0]?.event : event)),
        );
      });

      it('keeps large payloads of events whose type stays', async () => {
        const payload = 'x'.repeat(100_000);
        const started = start(id('order-1'), { Input: payload });
        await backend.createInstance(started, undefined);
        const { token } = await commitItem(backend, await nextItem(backend), firstCommit(started));
        const before = await backend.readHistory(id('order-1'));
        const [, second] = before;
        if (second === undefined) throw new Error('The history has three events.');

        const edits = [{ index: 1, event: second, reason: 'Rewound: ExecutionStarted' }];
        await backend.rewriteHistory(id('order-1'), { token, edits });

        expect(await backend.readHistory(id('order-1'))).toEqual(before);
      });

      it('takes more edits than fit into one transaction', async () => {
        const { token } = await committed('order-1', { events: 250 });
        const edits = Array.from({ length: 248 }, (_, n) => edited(n + 2));

        await backend.rewriteHistory(id('order-1'), { token, edits });

        const types = (await backend.readHistory(id('order-1'))).map(({ EventType }) => EventType);
        expect(types.filter((type) => type === 'GenericEvent')).toHaveLength(248);
      });

      it('is refused when the history was written since, and changes nothing', async () => {
        const { started, token } = await committed('order-1');
        await backend.sendMessage(eventRaised(id('order-1'), 'Again'));
        await commitItem(backend, await nextItem(backend), nextCommit(started, 3), { token });
        const before = await backend.readHistory(id('order-1'));

        const rewrite = backend.rewriteHistory(id('order-1'), { token, edits: [edited(2)] });

        await expect(rewrite).rejects.toThrow(SessionLostError);
        expect(await backend.readHistory(id('order-1'))).toEqual(before);
      });

      it('is refused twice with the same token', async () => {
        const { token } = await committed('order-1');
        await backend.rewriteHistory(id('order-1'), { token, edits: [edited(2)] });

        const again = backend.rewriteHistory(id('order-1'), { token, edits: [edited(2)] });

        await expect(again).rejects.toThrow(SessionLostError);
      });

      it('lets commits go on from the history as it is loaded afterwards', async () => {
        const { started, token } = await committed('order-1');
        await backend.rewriteHistory(id('order-1'), { token, edits: [edited(2)] });
        await backend.sendMessage(eventRaised(id('order-1'), 'Again'));
        const item = await nextItem(backend);

        const loaded = await backend.loadHistory(id('order-1'));
        await commitItem(backend, item, nextCommit(started, 3), { token: loaded.token });

        expect(loaded.events[2]?.EventType).toBe('GenericEvent');
        expect(await backend.readHistory(id('order-1'))).toHaveLength(5);
      });
    });

    describe('reviving a row', () => {
      async function failedRow() {
        const { started, item } = await takenStart('order-1');
        const instance = { ...runningPatch(started), ...completedPatch(started, 'boom') };
        const failed = { ...instance, runtimeStatus: 'Failed' as const, customStatus: '"at 3"' };
        await commitItem(backend, item, firstCommit(started, { instance: failed }));
        const row = await backend.findInstance(id('order-1'), { input: true, output: true });
        if (row === undefined) throw new Error('The row was written.');
        return row;
      }

      it('makes it Pending, without output and completion time; all else stays', async () => {
        const row = await failedRow();

        await backend.reviveInstance(row, '2026-02-01T00:00:00.0000001Z');

        const after = await backend.findInstance(id('order-1'), { input: true, output: true });
        expect(after).toEqual({
          ...row,
          runtimeStatus: 'Pending',
          output: null,
          completedTime: null,
          lastUpdatedTime: '2026-02-01T00:00:00.0000001Z',
          etag: after?.etag,
        });
      });

      it('leaves a row alone that changed since, or is gone', async () => {
        const row = await failedRow();
        await backend.reviveInstance(row, TIMESTAMP);
        const newer = await backend.findInstance(id('order-1'));

        await backend.reviveInstance(row, '2026-02-01T00:00:00Z');
        expect(await backend.findInstance(id('order-1'))).toEqual(newer);

        await backend.purgeInstance(id('order-1'));
        await backend.reviveInstance(row, TIMESTAMP);
        expect(await backend.findInstance(id('order-1'))).toBeUndefined();
      });
    });

    /** The names of the events that come for other instances, up to this one and a while longer. */
    async function drainNames(last: string): Promise<readonly string[]> {
      const names: string[] = [];
      for (;;) {
        const item = names.includes(last)
          ? await backend.nextOrchestration(AbortSignal.timeout(SILENCE_MS))
          : await nextItem(backend);
        if (item === undefined) return names;
        names.push(
          ...item.messages.map(({ message: { event } }) =>
            event.EventType === 'EventRaised' ? event.Name : event.EventType,
          ),
        );
        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
      }
    }

    async function takenStart(name: string) {
      const started = start(id(name));
      await backend.createInstance(started, undefined);
      return { started, item: await nextItem(backend) };
    }

    async function committed(name: string, { events = 3 }: { readonly events?: number } = {}) {
      const { started, item } = await takenStart(name);
      const newEvents = Array.from(
        { length: events },
        (_, n) => firstCommit(started).newEvents[n] ?? orchestratorStarted(),
      );
      const { token } = await commitItem(backend, item, firstCommit(started, { newEvents }));
      return { started, token };
    }

    async function takenActivity(name: string, isReserved: boolean) {
      const { started, item } = await takenStart(name);
      const scheduled = taskScheduled(started, 0);
      const commit = firstCommit(started, {
        newEvents: [...firstCommit(started).newEvents, scheduled.event],
        outbox: [scheduled],
      });
      const { token, activities } = await commitItem(backend, item, commit, {
        runHere: isReserved ? [scheduled] : [],
      });
      const activity = activities[0] ?? (await nextActivity(backend));
      return { started, token, activity };
    }

    describe('messages that are set aside', () => {
      const ALL = { pageSize: 100 };

      it('stay in the poison store until they are dropped', async () => {
        const client = connect();
        await client.sendMessage(eventRaised(id('order-1'), 'Bad', '"x"'));
        const item = await nextItem(backend);

        await backend.setAside(item.messages, 'It was tried in vain.');
        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });

        const { messages } = await client.listPoison(ALL);
        expect(messages).toMatchObject([
          {
            reason: 'It was tried in vain.',
            dequeueCount: 1,
            instanceId: 'order-1',
            eventType: 'EventRaised',
            taskEventId: null,
          },
        ]);
        const [{ id: poisonId, body } = { id: '', body: '' }] = messages;
        expect(body).toContain('Bad');
        await restart();
        await expectNoOrchestration(backend);
        expect(await backend.findPoison(poisonId)).toEqual(messages[0]);
        expect(await client.dropPoison(poisonId)).toBe(true);
        expect(await backend.findPoison(poisonId)).toBeUndefined();
        expect(await client.dropPoison(poisonId)).toBe(false);
        expect(await client.replayPoison(poisonId)).toBe(false);
      });

      it('are there once, however often they are set aside', async () => {
        await connect().sendMessage(eventRaised(id('order-1'), 'Bad'));
        const item = await nextItem(backend);

        await backend.setAside(item.messages, 'once');
        await backend.setAside(item.messages, 'twice');

        expect((await backend.listPoison(ALL)).messages).toHaveLength(1);
        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
      });

      it('are delivered again by a replay, whole and once', async () => {
        const client = connect();
        const input = JSON.stringify('x'.repeat(100_000));
        await client.sendMessage(eventRaised(id('order-1'), 'Bad', input));
        const item = await nextItem(backend);
        await backend.setAside(item.messages, 'It was tried in vain.');
        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
        const [poison] = (await client.listPoison(ALL)).messages;

        expect(await client.replayPoison(poison?.id ?? '')).toBe(true);

        const [replayed] = await drain(backend, 1);
        expect(replayed?.event).toMatchObject({ Name: 'Bad', Input: input });
        expect((await client.listPoison(ALL)).messages).toEqual([]);
        await expectNoOrchestration(backend);
      });

      it('may be activities, which are answered all the same', async () => {
        const started = start(id('order-1'));
        await connect().sendMessage(taskScheduled(started, 7));
        const activity = await nextActivity(backend);

        await backend.setAside([activity], 'Its answer is too long.');
        await backend.completeActivity(activity, taskCompleted(started, 7));

        const item = await nextItem(backend);
        expect(item.messages[0]?.message.event).toMatchObject({ TaskScheduledId: 7 });
        await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
        const [poison] = (await backend.listPoison(ALL)).messages;
        expect(poison).toMatchObject({ eventType: 'TaskScheduled', taskEventId: 7 });
        await backend.replayPoison(poison?.id ?? '');
        expect((await nextActivity(backend)).message.event).toMatchObject({ EventId: 7 });
      });

      it('are kept, unlike those that are dropped where they wait, beside which others stay', async () => {
        await backend.stop();
        const client = connect();
        for (const name of ['Bad', 'Good', 'Bad']) {
          await client.sendMessage(eventRaised(id('order-1'), name, '"x"'));
        }
        const waiting = async () => {
          const { controlQueues } = await client.readBacklog();
          return controlQueues.filter((queue) => queue.waiting > 0);
        };
        const [queue] = await waiting();

        const dropped = await client.dropMessages(queue?.name ?? '', ({ name }) => name === 'Bad');

        expect(dropped).toBe(2);
        expect((await waiting()).map((left) => left.waiting)).toEqual([1]);
        expect(await client.dropMessages('none', () => true)).toBe(0);
        await restart();
        expect((await drain(backend, 1))[0]?.event).toMatchObject({ Name: 'Good' });
      });

      it('may have been taken from their queue before: each is there once, and delivered by a replay', async () => {
        const taken = eventRaised(id('order-1'), 'Bad', '"x"');

        await backend.setAside([{ id: 'taken-1', taken, dequeueCount: 3 }], 'once');
        await backend.setAside([{ id: 'taken-1', taken, dequeueCount: 4 }], 'twice');

        const { messages, continuationToken } = await backend.listPoison({ pageSize: 1 });
        expect(continuationToken).toBeUndefined();
        expect(messages).toMatchObject([{ id: 'taken-1', instanceId: 'order-1', reason: 'twice' }]);
        expect(await backend.replayPoison('taken-1')).toBe(true);
        const [replayed] = await drain(backend, 1);
        expect(replayed?.event).toMatchObject({ Name: 'Bad', Input: '"x"' });
      });

      it('are listed in pages', async () => {
        for (const name of ['A', 'B', 'C']) {
          await connect().sendMessage(eventRaised(id(`order-${name}`), name));
          const item = await nextItem(backend);
          await backend.setAside(item.messages, name);
          await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
        }

        const first = await backend.listPoison({ pageSize: 2 });
        const { continuationToken } = first;
        const second = await backend.listPoison({ pageSize: 2, continuationToken });

        const reasons = [...first.messages, ...second.messages].map(({ reason }) => reason);
        expect(first.messages).toHaveLength(2);
        expect(reasons.sort()).toEqual(['A', 'B', 'C']);
        expect(second.continuationToken).toBeUndefined();
        await expect(
          backend.listPoison({ pageSize: 2, continuationToken: 'no token' }),
        ).rejects.toThrow(InvalidContinuationTokenError);
      });

      it('go with the hub', async () => {
        await connect().sendMessage(eventRaised(id('order-1'), 'Bad'));
        const item = await nextItem(backend);
        await backend.setAside(item.messages, 'It was tried in vain.');
        await backend.stop();
        await backend.deleteHub();

        await backend.createHub();

        expect((await backend.listPoison(ALL)).messages).toEqual([]);
      });

      it('may be such as cannot be read: they hold up nothing, and go and come as they are', async () => {
        if (hub.putText === undefined) return;
        await hub.putText('not a message');
        await connect().sendMessage(eventRaised(id('order-1'), 'Fine'));

        await drain(backend, 1);
        let unreadable = await nextUnreadable(backend);
        if (unreadable.mayBeRead) {
          await backend.abandonUnreadable(unreadable);
          unreadable = await nextUnreadable(backend);
          expect(unreadable.dequeueCount).toBe(2);
        }
        await backend.setAside([unreadable], 'It cannot be read.');

        const [poison] = (await backend.listPoison(ALL)).messages;
        const { origin } = unreadable;
        expect(poison).toMatchObject({ body: 'not a message', origin, instanceId: null });
        await restart();
        expect(await backend.nextUnreadable(AbortSignal.timeout(SILENCE_MS))).toBeUndefined();
        expect(await connect().replayPoison(poison?.id ?? '')).toBe(true);
        expect((await nextUnreadable(backend)).problem.message).toContain('not a message');
        expect((await backend.listPoison(ALL)).messages).toEqual([]);
      });
    });
  });
}

/** Of an event, or `start`. */
function nameOf({ event }: TaskMessage): string {
  return event.EventType === 'EventRaised' ? event.Name : 'start';
}

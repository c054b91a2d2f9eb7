/** The commit window: what runs in it, what it waits for, when it closes, and that no slot is lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Slots } from '../../../src/base/slots.ts';
import type { TaskMessage } from '../../../src/core/task-message.ts';
import { ActivityProcessor } from '../../../src/engine/activity-processor.ts';
import { CommitWindow } from '../../../src/engine/orchestrations/commit-window.ts';
import { OtherWorkers } from '../../../src/engine/other-workers.ts';
import { FailedTries } from '../../../src/engine/poison/failed-tries.ts';
import { TerminatedExecutions } from '../../../src/engine/terminated-executions.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { HubMetrics } from '../../../src/telemetry/hub-metrics.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { noTracing } from '../../../src/telemetry/tracing.ts';
import { id, start, taskScheduled, timerFired } from '../../contract/sample-messages.ts';
import { eventually, within } from '../../support/eventually.ts';
import { ScriptedInvoker } from '../../support/scripted-invoker.ts';

const LONG_MS = 600_000;
const STARTED = start(id('inst'));

let nowMs: number;
let slots: Slots;
let draining: AbortController;
let invoker: ScriptedInvoker;
/** Ends an activity that is under way, by its input. */
let ends: Map<string, () => void>;
let activities: ActivityProcessor;
beforeEach(() => {
  nowMs = 1_000_000;
  slots = new Slots(3);
  draining = new AbortController();
  ends = new Map();
  const run = (input: string | null): Promise<string> =>
    new Promise((resolve) => {
      ends.set(String(input), () => {
        resolve(`"${String(input)}"`);
      });
    });
  invoker = new ScriptedInvoker({ activities: { A: run, Slow: run } });
  const backend = createMemoryBackend();
  const ambient = { now: () => nowMs, newId: () => 'new' };
  activities = new ActivityProcessor({
    backend,
    invoker,
    ambient,
    log: silentLogger,
    taskHub: 'Test',
    tracing: noTracing,
    metrics: new HubMetrics(),
    slots,
    terminatedExecutions: new TerminatedExecutions(backend, ambient),
    failedTries: new FailedTries(),
    others: new OtherWorkers({
      backend,
      functions: invoker.functions,
      taskHub: 'Test',
      log: silentLogger,
    }),
    draining: draining.signal,
  });
});
afterEach(() => {
  for (const end of ends.values()) end();
});

const windowOf = (commitWindowMs: number): CommitWindow =>
  new CommitWindow({
    activities,
    ambient: { now: () => nowMs, newId: () => 'new' },
    commitWindowMs,
    draining: draining.signal,
  });
const activity = (taskId: number, name = 'A') =>
  taskScheduled(STARTED, taskId, { Name: name, Input: `[${taskId}]` });
const isRunning = (...inputs: readonly string[]): Promise<unknown> =>
  eventually(() => inputs.every((input) => ends.has(input)));
async function end(input: string): Promise<void> {
  await isRunning(input);
  ends.get(input)?.();
}
const answeredIds = (answers: readonly { readonly message: TaskMessage }[]): number[] =>
  answers.map(({ message }) => message.event.EventId);

describe('a window', () => {
  it('runs the activities of the outbox, and hands out the answer of the first', async () => {
    const window = windowOf(LONG_MS);
    const outbox = new Set<TaskMessage>([activity(0), activity(1), timerFired(STARTED, 2, 0)]);

    const answers = window.nextAnswers(outbox);
    await isRunning('[0]', '[1]');
    await end('[1]');

    const [answer] = await within(answers, 'the answer');
    expect(answer?.message.event.EventId).toBe(1);
    expect((await answer?.answer)?.response.event).toMatchObject({
      EventType: 'TaskCompleted',
      TaskScheduledId: 1,
    });
  });

  it('hands out together what ended together, and starts nothing twice', async () => {
    const window = windowOf(LONG_MS);
    const outbox = new Set<TaskMessage>([activity(0), activity(1), activity(2)]);
    const first = window.nextAnswers(outbox);
    await isRunning('[0]', '[1]', '[2]');
    ends.get('[0]')?.();
    ends.get('[1]')?.();
    const both = await within(first, 'the answers');
    expect(answeredIds(both)).toEqual([0, 1]);
    for (const { message } of both) outbox.delete(message);

    const second = window.nextAnswers(outbox);
    await end('[2]');

    expect(answeredIds(await within(second, 'the last'))).toEqual([2]);
    expect(invoker.activityRuns).toHaveLength(3);
    expect(slots.free).toBe(3);
  });

  it('waits for nothing when there is nothing to wait for', async () => {
    const window = windowOf(LONG_MS);
    expect(await within(window.nextAnswers([]), 'nothing')).toEqual([]);
    expect(await within(window.nextAnswers([timerFired(STARTED, 0, 0)]), 'a timer')).toEqual([]);
  });

  it('starts no more activities than there are slots', async () => {
    const window = windowOf(LONG_MS);
    slots.tryAcquire();
    const answers = window.nextAnswers([activity(0), activity(1), activity(2)]);
    await isRunning('[0]', '[1]');
    expect(slots.free).toBe(0);
    await end('[0]');
    await within(answers, 'the answer');
    expect(invoker.activityRuns).toHaveLength(2);
  });
});

describe('a window that closes', () => {
  it.each([100, 101])('after 100 ms runs nothing when it is %i ms old', async (ageMs) => {
    const window = windowOf(100);
    nowMs += ageMs;
    expect(await within(window.nextAnswers([activity(0)]), 'nothing')).toEqual([]);
    expect(invoker.activityRuns).toEqual([]);
  });

  it('is closed from the start where there is none', async () => {
    expect(await within(windowOf(0).nextAnswers([activity(0)]), 'nothing')).toEqual([]);
    expect(invoker.activityRuns).toEqual([]);
  });

  it('stays open to its last millisecond, however often it was asked', async () => {
    const window = windowOf(100);
    const first = window.nextAnswers([activity(0)]);
    await end('[0]');
    expect(await within(first, 'the first')).toHaveLength(1);
    nowMs += 99;
    const second = window.nextAnswers([activity(1)]);
    await end('[1]');
    await within(second, 'the second');
    expect(invoker.activityRuns).toHaveLength(2);
    nowMs += 1;
    expect(await within(window.nextAnswers([activity(2)]), 'nothing')).toEqual([]);
    expect(invoker.activityRuns).toHaveLength(2);
  });

  it('while an activity runs gives it to the commit, which hears of its end', async () => {
    const window = windowOf(30);
    const message = activity(0);

    expect(await within(window.nextAnswers([message]), 'the end of the window')).toEqual([]);

    const running = window.takeRunning(message);
    expect(window.takeRunning(message)).toBeUndefined();
    await end('[0]');
    expect((await running?.answer)?.response.event).toMatchObject({ EventType: 'TaskCompleted' });
    expect(slots.free).toBe(3);
  });

  it('at once when the worker drains, and runs nothing after that', async () => {
    const window = windowOf(LONG_MS);
    const answers = window.nextAnswers([activity(0)]);
    await isRunning('[0]');

    draining.abort();

    expect(await within(answers, 'the end of the window')).toEqual([]);
    expect(await within(window.nextAnswers([activity(1)]), 'nothing')).toEqual([]);
    expect(invoker.activityRuns).toHaveLength(1);
  });
});

describe('an activity that lately took long', () => {
  async function took(name: string, ms: number): Promise<void> {
    slots.tryAcquire();
    const message = activity(9, name);
    const { answer } = activities.runReserved(message);
    await isRunning('[9]');
    nowMs += ms;
    ends.get('[9]')?.();
    await answer;
    ends.delete('[9]');
  }

  it('is left to the commit when the window would close before', async () => {
    await took('Slow', 500);
    expect(await within(windowOf(499).nextAnswers([activity(0, 'Slow')]), 'nothing')).toEqual([]);
    expect(invoker.activityRuns).toEqual(['Slow']);
  });

  it('runs where there is time, and beside others', async () => {
    await took('Slow', 500);
    const window = windowOf(LONG_MS);
    const answers = window.nextAnswers([activity(0, 'Slow'), activity(1)]);
    await isRunning('[0]', '[1]');
    await end('[0]');
    expect(answeredIds(await within(answers, 'the answer'))).toEqual([0]);
  });
});

describe('slots that are reserved for after the commit', () => {
  it('are freed when they are not used, and left to those that use them', () => {
    const window = windowOf(LONG_MS);
    expect([window.reserve(), window.reserve(), window.reserve(), window.reserve()]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    window.useReserved();

    window.close();
    window.close();

    expect(slots.free).toBe(2);
  });

  it('are freed when the commit fails, and what runs ends unheard', async () => {
    const window = windowOf(LONG_MS);
    const message = activity(0);
    const answers = window.nextAnswers([message, activity(1)]);
    await isRunning('[0]', '[1]');
    await end('[1]');
    await within(answers, 'the answer');
    window.reserve();

    window.abandon();

    expect(window.takeRunning(message)).toBeUndefined();
    await end('[0]');
    await eventually(() => slots.free === 3);
  });
});

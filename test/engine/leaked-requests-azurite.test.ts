/**
 * A step whose requests left, and whose history could not be written to Azure Storage, or seemed not to be. See
 * `leaked-requests.test.ts` for the engine's part.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { BranchingApp } from '../support/branching-app.ts';
import { eventually } from '../support/eventually.ts';
import { FaultyProxy } from '../support/faulty-proxy.ts';
import { lateReturns } from '../support/late-returns.ts';

const WINDOWS = [{ commitWindowMs: 0 }, { commitWindowMs: 100 }];
const NAMES = ['Activities', 'Children', 'LongChildren', 'SameChild'];
const isAnswer = ({ EventType }: HistoryEvent): boolean =>
  /^(TaskCompleted|SubOrchestrationInstanceCompleted|TimerFired)$/.test(EventType);
const isRequest = ({ EventType }: HistoryEvent): boolean =>
  /^(TaskScheduled|SubOrchestrationInstanceCreated|TimerCreated)$/.test(EventType);

let hub: AzureHub;
let app: BranchingApp;
let proxy: FaultyProxy | undefined;
/** So many writes of histories fail; the first is that of a commit, and the second that which finds out what became of it. */
let failing = 0;
/** Whether the next item that is abandoned is lost, and what was lost. */
let isLosing = false;
let lost: readonly TaskMessage[] = [];

interface Settings {
  readonly commitWindowMs: number;
}

/** An instance that waits for its events. */
async function waiting(name: string, settings: Settings, branching = new BranchingApp()) {
  app = branching;
  failing = 0;
  isLosing = false;
  lost = [];
  hub = new AzureHub(
    {
      ...(proxy ? { account: proxy.connectionString } : {}),
      onRequest(kind, operation) {
        if (kind !== 'table' || operation !== 'batch' || failing === 0) return;
        failing--;
        throw new Error('The test lets this request fail.');
      },
    },
    { invoker: app.invoker, settings, decorate },
  );
  await hub.start();
  await hub.client.start({ name, instanceId: 'i', input: null });
  await historyOf('i', (history) => history.length > 0);
}

function decorate(backend: TaskHubBackend): TaskHubBackend {
  const isLost = (): boolean => isLosing && lost.length === 0;
  return lateReturns(backend, isLost, (messages) => {
    lost = messages;
    return Promise.resolve();
  });
}

async function historyOf(
  instanceId: string,
  holds: (history: readonly HistoryEvent[]) => boolean,
): Promise<readonly HistoryEvent[]> {
  const observer = hub.observer(azuriteConnectionString());
  return eventually(async () => {
    const history = await observer.client.readHistory(instanceId);
    return holds(history) ? history : undefined;
  });
}

/** The write of the step that `a` brings about fails, and `b` comes before it runs again. */
async function raceAfter(failures: number): Promise<void> {
  failing = failures;
  isLosing = true;
  await hub.client.raiseEvent('i', 'a', '1');
  await eventually(() => failing === 0 && lost.length > 0);
  await hub.client.raiseEvent('i', 'b', '1');
  for (const message of lost) await hub.backend.sendMessage(message);
  await historyOf('i', (history) => history.some(isRequest));
}

async function outcome(): Promise<unknown> {
  const { output } = await hub.ended('i');
  const answers = (await hub.client.readHistory('i')).filter(isAnswer).length;
  return { ...(JSON.parse(output ?? 'null') as object), answers };
}

afterEach(async () => {
  await hub.stop();
  await hub.observer(azuriteConnectionString()).backend.deleteHub();
  await proxy?.stop();
  proxy = undefined;
});

describe.each(WINDOWS)('with a commit window of $commitWindowMs ms, a step', (settings) => {
  it.each(NAMES)('that storage refuses takes back what it asked for (%s)', async (name) => {
    await waiting(name, settings);
    await raceAfter(1);

    app.open('a');
    app.open('b');

    expect(await outcome()).toEqual({ branch: 'b', got: 'b is done', answers: 1 });
    await eventually(async () => (await hub.messageCount()) === 0);
    // Within its window an activity runs before anything is asked of storage.
    const isEarly = settings.commitWindowMs > 0 && name === 'Activities';
    expect(app.invoker.activityRuns.filter((run) => run === 'Do a')).toHaveLength(isEarly ? 1 : 0);
  });

  it.each(NAMES)(
    'that an outage refuses is not answered by what it asked for (%s)',
    async (name) => {
      await waiting(name, settings);
      await raceAfter(2);

      app.open('a');
      await eventually(() => app.invoker.activityRuns.includes('Do a'));
      await eventually(() => app.invoker.activityRuns.includes('Do b'));
      app.open('b');

      expect(await outcome()).toEqual({ branch: 'b', got: 'b is done', answers: 1 });
    },
  );

  it('that an outage refuses is not woken by the timer that it set', async () => {
    const [soon, late] = [1_500, 5_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const times = { a: soon ?? '', b: late ?? '' };
    await waiting('Timers', settings, new BranchingApp(times));
    await raceAfter(2);

    expect(await outcome()).toEqual({ branch: 'b', got: late, answers: 1 });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(times.b));
  });

  it.each(NAMES)('whose history was written goes on when the answer is lost (%s)', async (name) => {
    proxy = await FaultyProxy.start(azuriteConnectionString());
    await waiting(name, settings);
    proxy.arm({ kind: 'lose-once', at: 1, of: /batch$/ });

    await hub.client.raiseEvent('i', 'a', '1');
    await historyOf('i', (history) => history.some(isRequest));
    app.open('a');

    expect(await outcome()).toEqual({ branch: 'a', got: 'a is done', answers: 1 });
    expect(app.invoker.activityRuns).toEqual(['Do a']);
  });
});

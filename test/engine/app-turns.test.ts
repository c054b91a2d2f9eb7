/**
 * Two apps that take turns on one hub in Azure Storage: what one of them remembers of an instance is not believed when its turn
 * comes again.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { activity, answered, any, event } from '../support/history.ts';
import { LONG } from '../support/patience.ts';
import { ScriptedInvoker } from '../support/scripted-invoker.ts';
import { brief } from '../support/sdk-hub.ts';

/** Waits for one of two events, and then for the activity that is named like it. */
function race(otherIsOver: Promise<void>): FunctionInvoker {
  return new ScriptedInvoker({
    orchestrators: {
      Race: ({ history }) => {
        const wait = any(event('a'), event('b'));
        const first = history.find((e) => e.EventType === 'EventRaised');
        if (first?.EventType !== 'EventRaised') return answered([wait]);
        const call = activity(first.Name);
        const done = history.find((e) => e.EventType === 'TaskCompleted');
        return done?.EventType === 'TaskCompleted'
          ? answered([wait, call], { isDone: true, output: done.Result ?? 'null' })
          : answered([wait, call]);
      },
    },
    activities: {
      a: () => '"of a"',
      b: async () => {
        await otherIsOver;
        return '"of b"';
      },
    },
  });
}

const taskHub = freshHubName();
const hubs: AzureHub[] = [];
afterAll(async () => {
  for (const hub of hubs) await hub.stop();
  await hubs[0]?.backend.deleteHub();
});

async function startApp(appName: string, otherIsOver: Promise<void>): Promise<AzureHub> {
  const appLease = {
    appName,
    renewIntervalMs: 200,
    acquireIntervalMs: 200,
    leaseIntervalMs: 15_000,
  };
  const app = { invoker: race(otherIsOver), settings: { commitWindowMs: 0 } };
  const hub = new AzureHub({ taskHub, appLease }, app);
  hubs.push(hub);
  await hub.start();
  return hub;
}

describe('an instance of a hub on which apps take turns', () => {
  it('goes on with what the other app made of it', LONG, async () => {
    let end = (): void => undefined;
    const otherIsOver = new Promise<void>((resolve) => {
      end = resolve;
    });
    const one = await startApp('one', otherIsOver);
    const two = await startApp('two', otherIsOver);
    const outside = new AzureHub({ taskHub }).client;
    const historyOf = async (id: string) => (await outside.readHistory(id)).map(brief);
    const recorded = (id: string, what: string) =>
      eventually(async () => (await historyOf(id)).includes(what) || undefined, {
        timeoutMs: 30_000,
        intervalMs: 50,
      });

    const id = await outside.start({ name: 'Race', input: null });
    await recorded(id, 'OrchestratorCompleted');
    await two.client.makePrimary();
    await outside.raiseEvent(id, 'b', '1');
    await recorded(id, 'TaskScheduled 0 b');
    await one.client.makePrimary();
    await outside.raiseEvent(id, 'a', '1');
    await recorded(id, 'EventRaised a');
    end();

    const { output } = await one.ended(id, { timeoutMs: 60_000 });
    expect(output).toBe('"of b"');
    const history = await historyOf(id);
    expect(history.filter((text) => /Scheduled|Raised|TaskCompleted/.test(text))).toEqual([
      'EventRaised b',
      'TaskScheduled 0 b',
      'EventRaised a',
      'TaskCompleted 0',
    ]);
  });
});

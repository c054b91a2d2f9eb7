/** Signals whose messages are in the queue twice, because the answer to the first put was lost: each is applied once. */
import { describe, expect, it } from 'vitest';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import type { EntityInvocation, EntityOutcome } from '../../src/engine/function-invoker.ts';
import { isEntityId } from '../../src/core/ids.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { eventually } from '../support/eventually.ts';
import { overriding } from '../support/overriding.ts';
import { ScriptedInvoker } from '../support/scripted-invoker.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const SIGNALS = 900;

/** How often each signal was applied, by its input. */
const applied = new Map<string, number>();

function tally({ operations }: EntityInvocation): EntityOutcome {
  for (const { input } of operations) {
    applied.set(input ?? '', (applied.get(input ?? '') ?? 0) + 1);
  }
  const results = operations.map(() => ({ isError: false, result: null }));
  return { kind: 'ran', exists: true, state: '1', results, signals: [] };
}

/** Each message to an entity comes again after so many others. */
function repeating(inner: TaskHubBackend, distance: number): TaskHubBackend {
  const sent: TaskMessage[] = [];
  const sendMessage: TaskHubBackend['sendMessage'] = async (message) => {
    await inner.sendMessage(message);
    if (!isEntityId(message.target.instanceId)) return;
    sent.push(message);
    const again = sent.length > distance ? sent.shift() : undefined;
    if (again) await inner.sendMessage(again);
  };
  return overriding(inner, { sendMessage });
}

describe('signals of clients that are put twice', () => {
  it.each([
    { distance: 1, kept: 'is kept in memory', settings: {} },
    { distance: 700, kept: 'is kept in memory', settings: {} },
    { distance: 400, kept: 'is read from storage', settings: { sessionCacheBytes: 0 } },
  ])(
    'are applied once, with $distance others in between, when the entity $kept',
    async ({ distance, settings }) => {
      applied.clear();
      const invoker = new ScriptedInvoker({ orchestrators: {}, entities: { tally } });
      const hub = new SdkHub(invoker, settings, (backend) => repeating(backend, distance));
      await hub.worker.start();

      for (let n = 0; n < SIGNALS; n++) {
        await hub.client.entities.signal('Tally', 'k', 'add', String(n));
      }
      await eventually(() => applied.size === SIGNALS);
      await hub.client.entities.signal('Tally', 'k', 'add', '"last"');
      await eventually(() => applied.has('"last"'));
      await hub.worker.stop();

      expect([...applied].filter(([, times]) => times !== 1)).toEqual([]);
    },
  );
});

/**
 * A step that asked an entity for something, and that could not be stored, runs again at another time: its requests have other ids.
 * The entity does what was asked once, and the orchestration takes the answer to the first try for its own.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import type { CommitRequest } from '../../src/engine/backend.ts';
import { eventually } from '../support/eventually.ts';
import { leakyBackend, type Leak } from '../support/leaky-backend.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const LEAKS: readonly Leak[] = ['lost session', 'failed write'];

let app: SdkApp;
let hub: SdkHub;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/entities.cjs');
});
afterEach(() => hub.worker.stop());
afterAll(() => app.dispose());

/** Every step of the instance that sends something leaks once; it runs again later. */
async function startLeaking(leak: Leak, name: string, input: unknown): Promise<void> {
  const sent = new Set<number>();
  const isFirstTry = ({ commit }: CommitRequest): boolean => {
    if (commit.instanceId !== 'i') return false;
    const ids = commit.newEvents.filter(isSent).map(({ EventId }) => EventId);
    if (ids.every((id) => sent.has(id))) return false;
    for (const id of ids) sent.add(id);
    hub.clock.skip(5);
    return true;
  };
  hub = new SdkHub(app.invoker, { commitWindowMs: 0 }, (backend) =>
    leakyBackend(backend, {
      leak,
      times: Infinity,
      when: isFirstTry,
      meanwhile: () => Promise.resolve(),
    }),
  );
  await hub.worker.start();
  await hub.start(name, input, 'i');
}

function isSent({ EventType }: HistoryEvent): boolean {
  return EventType === 'EventSent';
}

const state = (key: string) => hub.client.entities.readState('counter', key);

describe.each(LEAKS)('when every step leaks once by a %s', (leak) => {
  it('calls take effect once, and are answered', async () => {
    await startLeaking(leak, 'Calls', [
      ['a', 'add', 5],
      ['a', 'add', 1],
      ['a', 'get'],
    ]);

    expect((await hub.ended('i')).output).toBe('[5,6,6]');
    expect(await state('a')).toBe('6');
    const names = (await hub.client.readHistory('i')).flatMap((event) =>
      event.EventType === 'EventRaised'
        ? [event.Name]
        : event.EventType === 'EventSent'
          ? [(JSON.parse(event.Input ?? '') as { id: string }).id]
          : [],
    );
    expect([names[1], names[3], names[5]]).toEqual([names[0], names[2], names[4]]);
  });

  it('signals take effect once, in order', async () => {
    await startLeaking(leak, 'Signals', { key: 's', count: 3 });

    expect((await hub.ended('i')).output).toBe('[0,1,2]');
  });

  it('locks are granted, and given back', async () => {
    await startLeaking(leak, 'Transfers', { from: 'f', to: 't' });

    expect((await hub.ended('i')).runtimeStatus).toBe('Completed');
    expect([await state('f'), await state('t')]).toEqual(['-1', '1']);
    for (const key of ['f', 't']) {
      await eventually(async () => {
        const row = await hub.client.findStatus(`@counter@${key}`, { input: false });
        return !row?.customStatus?.includes('lockedBy');
      });
    }
  });
});

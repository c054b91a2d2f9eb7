/** Events that came before their instance had begun, and pause, are not waited for once it has. */
import { afterEach, describe, expect, it } from 'vitest';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import { createLocalBackend } from '../../../src/local/local-backend.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../../src/memory/memory-store.ts';
import { commitItem, nextItem } from '../../contract/contract-hub.ts';
import { eventRaised, firstCommit, id, start } from '../../contract/sample-messages.ts';
import { localOptions, removeFolder, temporaryFolder } from '../../support/local-hub.ts';

/** Longer than anybody waits here for an item. */
const slow = { redeliveryPauseMs: () => 600_000 };
const folder = temporaryFolder();
const STORES: readonly (readonly [string, () => TaskHubBackend])[] = [
  ['memory', () => createMemoryBackend({ store: new MemoryStore(slow) })],
  // What is due later than in a minute is not in memory there.
  ['a folder', () => createLocalBackend(localOptions(folder, { redeliveryPauseMs: () => 50_000 }))],
];

let backend: TaskHubBackend;
afterEach(async () => {
  await backend.stop();
  removeFolder(folder);
});

describe.each(STORES)('in %s an event that came too early', (_name, create) => {
  it('comes as soon as its instance has begun', async () => {
    backend = create();
    await backend.createHub();
    await backend.start();
    const started = start(id('order-1'));
    await backend.sendMessage(eventRaised(id('order-1'), 'Early'));
    const early = await nextItem(backend);
    await backend.settleOrchestration(early, { consumed: [], deferred: early.messages });
    await backend.createInstance(started, undefined);
    await commitItem(backend, await nextItem(backend), firstCommit(started));
    await backend.sendMessage(eventRaised(id('order-1'), 'Later'));

    const { messages } = await nextItem(backend);

    const names = messages.map(({ message: { event } }) => 'Name' in event && event.Name);
    expect(names[0]).toBe('Early');
  });
});

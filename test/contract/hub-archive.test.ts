/** What each adapter promises by HubArchive, and what an import does with files and hubs that are not as they should be. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { toExecutionId } from '../../src/core/ids.ts';
import { startRecord } from '../../src/core/instance-record.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { exportHub } from '../../src/engine/archive/export-hub.ts';
import { importHub } from '../../src/engine/archive/import-hub.ts';
import type { ArchivedInstance, MovableTaskHubBackend } from '../../src/engine/hub-archive.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { LONG } from '../support/patience.ts';
import { eventRaised, id, start } from './sample-messages.ts';

const root = mkdtempSync(path.join(tmpdir(), 'hub-archive-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

let ids = 0;
const STORES: readonly (readonly [string, () => MovableTaskHubBackend])[] = [
  ['memory', () => createMemoryBackend()],
  ['local', () => createLocalBackend({ path: root, taskHub: `Hub${++ids}`, log: silentLogger })],
  ['azure', () => createAzureStorageBackend(azureOptions())],
];

function instance(instanceId: string, output: string | null = null): ArchivedInstance {
  const begun = start(id(instanceId));
  const { etag: _etag, ...record } = startRecord(begun, '');
  return {
    record: { ...record, output, customStatus: '"half"', runtimeStatus: 'Running' },
    executionId: toExecutionId(record.executionId ?? ''),
    events: [begun.event],
  };
}

async function messagesOf(hub: MovableTaskHubBackend): Promise<readonly TaskMessage[]> {
  const messages: TaskMessage[] = [];
  await hub.readMessages((message) => {
    messages.push(message);
    return Promise.resolve();
  });
  return messages;
}

async function archiveOf(hub: MovableTaskHubBackend): Promise<readonly string[]> {
  const lines: string[] = [];
  await exportHub({
    hub,
    taskHub: 'Any',
    ambient: { now: () => 0, newId: () => `archive-${++ids}` },
    write: (line) => {
      lines.push(line);
      return Promise.resolve();
    },
    leavesOut: false,
  });
  return lines;
}

async function* stream(lines: readonly string[]): AsyncGenerator<string> {
  for (const line of lines) yield await Promise.resolve(line);
}

function bring(hub: MovableTaskHubBackend, lines: readonly string[], merges = false) {
  return importHub({ hub, lines: () => stream(lines), merges });
}

/** A hub with two instances and two messages, as a file. */
async function sample(): Promise<readonly string[]> {
  const hub = createMemoryBackend();
  await hub.createHub();
  await hub.restoreInstance(instance('a', '"done"'));
  await hub.restoreInstance(instance('b'));
  await hub.sendMessage(eventRaised(id('a'), 'one', '1'));
  await hub.sendMessage(eventRaised(id('a'), 'two', '2'));
  return await archiveOf(hub);
}

/** Throws at the second call of `sendMessage`. */
function breaking(hub: MovableTaskHubBackend): MovableTaskHubBackend {
  let calls = 0;
  return new Proxy(hub, {
    get(target, name): unknown {
      if (name === 'sendMessage' && ++calls > 1) return () => Promise.reject(new Error('cut off'));
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

describe.each(STORES)('a hub in %s', LONG, (_, open) => {
  it('shows its messages and keeps them', async () => {
    const hub = open();
    await hub.createHub();
    await hub.sendMessage(eventRaised(id('a'), 'one'));
    await hub.sendMessage(
      eventRaised(id('a'), 'x'.repeat(100), JSON.stringify('y'.repeat(80_000))),
    );

    const first = await messagesOf(hub);

    expect(first.map(({ event }) => event.EventType)).toEqual(['EventRaised', 'EventRaised']);
    expect(await messagesOf(hub)).toEqual(first);
    await hub.clearMessages();
    expect(await messagesOf(hub)).toEqual([]);
    await hub.deleteHub();
  });

  it('takes an instance in place of what is there', async () => {
    const hub = open();
    await hub.createHub();
    await hub.restoreInstance(instance('a', '"of an execution before"'));
    const moved = instance('a');

    await hub.restoreInstance(moved);

    expect(await hub.findInstance(id('a'), { input: true, output: true })).toMatchObject(
      moved.record,
    );
    expect(await hub.loadHistory(id('a'))).toMatchObject({
      executionId: moved.executionId,
      events: moved.events,
    });
    await hub.deleteHub();
  });

  it('remembers an import until it is complete', async () => {
    const hub = open();
    await hub.createHub();
    await hub.markImport('{"n":1}');
    await hub.markImport('{"n":2}');

    expect(await hub.findImportMark()).toBe('{"n":2}');
    await hub.markImport(undefined);
    expect(await hub.findImportMark()).toBeUndefined();
    await hub.deleteHub();
  });

  it('is not exported while an import into it is not complete', async () => {
    const hub = open();
    await hub.createHub();
    await expect(bring(breaking(hub), await sample())).rejects.toThrow('cut off');

    await expect(archiveOf(hub)).rejects.toThrow(
      "An import into task hub 'Any' is not complete, and nothing was exported",
    );
    await hub.deleteHub();
  });

  it('is the same after an import that was interrupted and begun again', async () => {
    const hub = open();
    await hub.createHub();
    const lines = await sample();
    await expect(bring(breaking(hub), lines)).rejects.toThrow('cut off');

    const counts = await bring(hub, lines);

    expect(counts).toEqual({ instances: 2, events: 2, messages: 2 });
    const parse = (texts: readonly string[]): unknown[] =>
      texts.slice(1).map((text): unknown => JSON.parse(text));
    const again = parse(await archiveOf(hub));
    expect(again).toHaveLength(lines.length - 1);
    expect(again).toEqual(expect.arrayContaining(parse(lines)));
    await hub.deleteHub();
  });
});

describe('an import', () => {
  const open = async (): Promise<MovableTaskHubBackend> => {
    const hub = createMemoryBackend();
    await hub.createHub();
    return hub;
  };

  it.each([
    ['is cut short', (lines: readonly string[]) => lines.slice(0, -1), 'cut short'],
    ['lacks a line', (lines: readonly string[]) => lines.toSpliced(2, 1), 'damaged'],
    ['is none', () => ['{"kind":"end"}'], 'does not begin as'],
    ['is empty', () => [], 'does not begin as'],
    ['is no JSON', () => ['hello'], 'Line 1 is not JSON'],
    [
      'is of a newer version',
      ([first = '', ...rest]: readonly string[]) => [
        first.replace('"version":1', '"version":2'),
        ...rest,
      ],
      'export of version 2',
    ],
  ])('writes nothing when the file %s', async (_, change, message) => {
    const hub = await open();

    await expect(bring(hub, change(await sample()))).rejects.toThrow(message);

    expect(await hub.findInstance(id('a'))).toBeUndefined();
    expect(await messagesOf(hub)).toEqual([]);
  });

  it('refuses a hub that has instances, unless it is asked to merge', async () => {
    const hub = await open();
    await hub.restoreInstance(instance('other'));
    await hub.sendMessage(eventRaised(id('other'), 'mine'));
    const lines = await sample();

    await expect(bring(hub, lines)).rejects.toThrow('has instances already');
    await bring(hub, lines, true);

    expect(await hub.findInstance(id('a'))).toBeDefined();
    expect(await messagesOf(hub)).toHaveLength(3);
  });

  it('refuses to merge what is there already', async () => {
    const hub = await open();
    await hub.restoreInstance(instance('b'));

    await expect(bring(hub, await sample(), true)).rejects.toThrow("the instance 'b'");

    expect(await hub.findInstance(id('a'))).toBeUndefined();
  });

  it('refuses another file while one is half done', async () => {
    const hub = await open();
    await expect(bring(breaking(hub), await sample())).rejects.toThrow('cut off');

    await expect(bring(hub, await sample())).rejects.toThrow('Another import');
  });
});

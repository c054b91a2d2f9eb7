/**
 * Brings a task hub from an archive. The archive is read three times, and held never:
 * I1 It is checked to its last line before anything is written.
 * I2 Instances come before messages, so that no message finds less than what it was sent to.
 * I3 A mark in the hub says that an import is under way. Who begins it again, after an interruption, writes the same: instances in
 *    place of what is there, and messages anew, after those that came the first time are cleared. In a hub that had others before,
 *    they stay, and those up to the mark are not sent again.
 */
import { atMost } from '../../base/at-most.ts';
import { DurableError, InvalidInputError } from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import type { MovableHub } from '../hub-archive.ts';
import {
  type ArchiveCounts,
  type ArchiveLine,
  checkHeader,
  type HeaderLine,
  type InstanceLine,
  parseArchiveLine,
} from './archive-lines.ts';

export interface ImportOptions {
  readonly hub: MovableHub;
  /** The archive from its beginning, each time it is asked for. */
  readonly lines: () => AsyncIterable<string>;
  /** Whether the hub may have other instances. */
  readonly merges: boolean;
  /** @param total what the archive has; undefined while it is checked, before anything is done */
  readonly progress?: (done: ArchiveCounts, total: ArchiveCounts | undefined) => void;
}

interface Mark {
  readonly archiveId: string;
  /** Messages that are sent. */
  readonly messages: number;
}

const MAX_PARALLEL = 16;
const MESSAGE_BATCH = 128;

/**
 * @returns what came.
 * @throws {InvalidInputError} the archive is damaged or cut short; nothing was written.
 * @throws {DurableError} the hub has instances, or those of the archive when it may have others; nothing was written.
 */
export async function importHub(options: ImportOptions): Promise<ArchiveCounts> {
  const { hub, merges, progress } = options;
  const { header, counts } = await check(options);
  const { archiveId } = header;
  const mark = await findMark(hub, archiveId);
  if (mark === undefined) await refuseConflicts(options);
  await hub.markImport(JSON.stringify({ archiveId, messages: mark?.messages ?? 0 }));

  const done = { instances: 0, events: 0, messages: 0 };
  for await (const batch of batched(instancesOf(options), MAX_PARALLEL)) {
    await atMost(MAX_PARALLEL, batch, async ({ line, events }) => {
      const { row: record, executionId } = line;
      await hub.restoreInstance({ record, executionId, events });
    });
    done.instances += batch.length;
    done.events += batch.reduce((sum, { events }) => sum + events.length, 0);
    progress?.(done, counts);
  }
  if (!merges) await hub.clearMessages();
  const sent = merges ? (mark?.messages ?? 0) : 0;
  for await (const batch of batched(messagesOf(options), MESSAGE_BATCH)) {
    const left = batch.slice(Math.max(0, Math.min(batch.length, sent - done.messages)));
    await send(hub, left);
    done.messages += batch.length;
    if (merges) await hub.markImport(JSON.stringify({ archiveId, messages: done.messages }));
    progress?.(done, counts);
  }
  await hub.markImport(undefined);
  return counts;
}

/** Reads all of it. */
async function check({
  lines,
  progress,
}: ImportOptions): Promise<{ readonly header: HeaderLine; readonly counts: ArchiveCounts }> {
  let header: HeaderLine | undefined;
  let end: ArchiveCounts | undefined;
  const found = { instances: 0, events: 0, messages: 0 };
  let awaited = 0;
  for await (const line of parsed(lines())) {
    header ??= checkHeader(line);
    if (end !== undefined) throw new InvalidInputError('Lines follow the end of the export.');
    if (awaited > 0 && line.kind !== 'event') throw damaged();
    switch (line.kind) {
      case 'taskHub':
        break;
      case 'instance':
        found.instances += 1;
        awaited = line.eventCount;
        progress?.(found, undefined);
        break;
      case 'event':
        if (awaited === 0) throw damaged();
        awaited -= 1;
        found.events += 1;
        break;
      case 'message':
        found.messages += 1;
        break;
      case 'end': {
        const { instances, events, messages } = line;
        end = { instances, events, messages };
      }
    }
  }
  const whole = checkHeader(header);
  if (end === undefined) {
    throw new InvalidInputError('The file is cut short: its last line is missing. Export again.');
  }
  if (JSON.stringify(end) !== JSON.stringify(found)) throw damaged();
  return { header: whole, counts: end };
}

async function findMark(hub: MovableHub, archiveId: string): Promise<Mark | undefined> {
  const text = await hub.findImportMark();
  if (text === undefined) return undefined;
  const mark = JSON.parse(text) as Mark;
  if (mark.archiveId === archiveId) return mark;
  throw new DurableError(
    'CONFIG',
    'Another import into this task hub was interrupted: finish that one, with its own file, or delete the hub (func durable delete-task-hub).',
  );
}

async function refuseConflicts(options: ImportOptions): Promise<void> {
  const { hub, merges } = options;
  if (!merges) {
    const query = { pageSize: 1, includeInput: false, includeOutput: false };
    const { instances, continuationToken } = await hub.listInstances(query);
    if (instances.length === 0 && continuationToken === undefined) return;
    throw new DurableError(
      'CONFIG',
      'The task hub has instances already, and nothing was imported: name another hub (--task-hub-name), or add to this one with --merge.',
    );
  }
  for await (const batch of batched(instancesOf(options), MAX_PARALLEL)) {
    const known = await atMost(MAX_PARALLEL, batch, ({ line }) =>
      hub.findInstance(line.row.instanceId),
    );
    const first = known.find((record) => record !== undefined);
    if (first === undefined) continue;
    throw new DurableError(
      'CONFIG',
      `The task hub and the file both have the instance '${first.instanceId}', and nothing was imported: purge it in the hub, or name another hub (--task-hub-name).`,
    );
  }
}

/** Messages to one instance in their order; those to others at the same time. */
async function send(hub: MovableHub, messages: readonly TaskMessage[]): Promise<void> {
  const byTarget = new Map<string, TaskMessage[]>();
  for (const message of messages) {
    const { instanceId } = message.target;
    byTarget.set(instanceId, [...(byTarget.get(instanceId) ?? []), message]);
  }
  await atMost(MAX_PARALLEL, [...byTarget.values()], async (ofOne) => {
    for (const message of ofOne) await hub.sendMessage(message);
  });
}

interface InstanceLines {
  readonly line: InstanceLine;
  readonly events: readonly HistoryEvent[];
}

async function* instancesOf({ lines }: ImportOptions): AsyncGenerator<InstanceLines> {
  let current: { readonly line: InstanceLine; readonly events: HistoryEvent[] } | undefined;
  for await (const line of parsed(lines())) {
    if (line.kind === 'event') current?.events.push(line.event);
    else if (line.kind === 'instance') current = { line, events: [] };
    if (current?.events.length !== current?.line.eventCount || current === undefined) continue;
    yield current;
    current = undefined;
  }
}

async function* messagesOf({ lines }: ImportOptions): AsyncGenerator<TaskMessage> {
  for await (const line of parsed(lines())) if (line.kind === 'message') yield line.message;
}

async function* parsed(lines: AsyncIterable<string>): AsyncGenerator<ArchiveLine> {
  let number = 0;
  for await (const text of lines) yield parseArchiveLine(text, ++number);
}

async function* batched<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function damaged(): InvalidInputError {
  return new InvalidInputError(
    'The file is damaged: it does not have what its lines say that it has. Export again.',
  );
}

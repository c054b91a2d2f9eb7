/** Writes a task hub into an archive, instance by instance: what is in memory does not grow with the hub. */
import { DurableError } from '../../core/errors.ts';
import { toExecutionId } from '../../core/ids.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import type { Ambient } from '../ambient.ts';
import type { ArchivedInstance, MovableHub } from '../hub-archive.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  type ArchiveCounts,
  type ArchiveLine,
} from './archive-lines.ts';
import { refuseUnfinishedImport } from './unfinished-import.ts';
import { waitingMessages } from './waiting-messages.ts';

export interface ExportOptions {
  readonly hub: MovableHub;
  readonly taskHub: string;
  readonly ambient: Pick<Ambient, 'now' | 'newId'>;
  /** Resolves when the next line may come. */
  readonly write: (line: string) => Promise<void>;
  /** Whether messages that can neither be read nor be told from histories are left out, rather than being an error. */
  readonly leavesOut: boolean;
  readonly progress?: (counts: ArchiveCounts) => void;
}

export interface ExportReport extends ArchiveCounts {
  /** Messages that were left out. */
  readonly leftOut: number;
  /** Messages that were set aside: they stay where they are. */
  readonly setAside: number;
}

const PAGE_SIZE = 100;
/** In characters, of inputs and outputs. */
const MAX_PAGE_LENGTH = 8 * 1024 * 1024;

/**
 * @throws {DurableError} when messages would be left out; what was written until then is no whole archive. When an import into the
 *   hub was interrupted, unless messages may be left out.
 */
export async function exportHub(options: ExportOptions): Promise<ExportReport> {
  const { hub, ambient, taskHub, leavesOut, progress } = options;
  if (!leavesOut) await refuseUnfinishedImport(hub, taskHub, 'nothing was exported');
  const counts = { instances: 0, events: 0, messages: 0 };
  const put = (line: ArchiveLine): Promise<void> => options.write(JSON.stringify(line));
  await put({
    kind: 'taskHub',
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    archiveId: ambient.newId(),
    taskHub,
    exportedTime: new Date(ambient.now()).toISOString(),
  });
  let hidden = await hub.readMessages(async (message) => {
    await put({ kind: 'message', message });
    counts.messages += 1;
    progress?.(counts);
  });
  const readMs = ambient.now();
  for await (const instance of instancesOf(hub)) {
    const { record: row, executionId, events } = instance;
    await put({ kind: 'instance', row, executionId, eventCount: events.length });
    for (const event of events) await put({ kind: 'event', event });
    counts.instances += 1;
    counts.events += events.length;
    for (const message of hidden > 0 ? waitingMessages(instance, readMs) : []) {
      await put({ kind: 'message', message });
      counts.messages += 1;
      hidden -= 1;
    }
    progress?.(counts);
  }
  if (hidden > 0 && !leavesOut) {
    throw new DurableError(
      'CONFIG',
      `${hidden} messages are hidden in their queues and cannot be read: those of a host that was killed a moment ago, or that are tried again later, and signals that a client scheduled for a later time. Export again in some minutes, or leave them out with --force.`,
    );
  }
  await put({ kind: 'end', ...counts });
  return { ...counts, leftOut: hidden, setAside: await countPoison(hub) };
}

async function countPoison(hub: MovableHub): Promise<number> {
  let count = 0;
  let continuationToken: string | undefined;
  do {
    const page = await hub.listPoison({ pageSize: PAGE_SIZE, continuationToken });
    count += page.messages.length;
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
  return count;
}

async function* instancesOf(hub: MovableHub): AsyncGenerator<ArchivedInstance> {
  let continuationToken: string | undefined;
  do {
    const page = await hub.listInstances({
      pageSize: PAGE_SIZE,
      maxPageLength: MAX_PAGE_LENGTH,
      includeInput: true,
      includeOutput: true,
      ...(continuationToken !== undefined && { continuationToken }),
    });
    for (const record of page.instances) yield await archived(hub, record);
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
}

async function archived(
  hub: MovableHub,
  { etag: _etag, ...record }: InstanceRecord,
): Promise<ArchivedInstance> {
  const { executionId, events } = await hub.loadHistory(record.instanceId);
  return {
    record,
    executionId: executionId === undefined ? null : toExecutionId(executionId),
    events,
  };
}

/**
 * A hub in Azure Storage as a whole: see HubArchive. Queues show only what is visible: messages that wait for a time (timers,
 * scheduled starts) are counted, not read. Those that are read are hidden meanwhile, and shown again at the end.
 */
import { toExecutionId } from '../core/ids.ts';

import type { ArchivedInstance, HubArchive } from '../engine/hub-archive.ts';
import type { TaskMessage } from '../core/task-message.ts';
import { atMost } from '../base/at-most.ts';
import type { ImportMark } from './blobs/import-mark.ts';
import type { LargePayloads } from './blobs/large-payloads.ts';
import { decodeMessage } from './queues/message-codec.ts';
import type { MessageQueue, Receipt } from './queues/message-queue.ts';
import { CorruptMessageError } from '../core/errors.ts';
import type { HistoryTable } from './tables/history-table.ts';
import type { InstancesTable } from './tables/instances-table.ts';

export interface HubArchiveParts {
  readonly queues: readonly MessageQueue[];
  readonly payloads: LargePayloads;
  readonly history: HistoryTable;
  readonly instances: InstancesTable;
  readonly mark: ImportMark;
}

const BATCH = 32;
/** Should the reader be killed, messages are visible again after so long. */
const HIDDEN_MS = 10 * 60_000;
const MAX_PARALLEL = 8;

export function createHubArchive(parts: HubArchiveParts): HubArchive {
  const { queues, payloads, mark } = parts;
  return {
    async readMessages(take) {
      let hidden = 0;
      for (const queue of queues) hidden += await readQueue(queue, payloads, take);
      return hidden;
    },
    async clearMessages() {
      for (const queue of queues) await queue.clear();
    },
    restoreInstance: (instance) => restoreInstance(parts, instance),
    findImportMark: () => mark.find(),
    markImport: (text) => mark.write(text),
  };
}

/** @returns how many messages the queue has beside those that it shows. */
async function readQueue(
  queue: MessageQueue,
  payloads: LargePayloads,
  take: (message: TaskMessage) => Promise<void>,
): Promise<number> {
  const receipts = new Map<string, Receipt>();
  try {
    for (;;) {
      const batch = await queue.receive(BATCH, HIDDEN_MS);
      // What comes again was read already: reading took longer than it was hidden.
      const fresh = batch.filter(({ receipt }) => !receipts.has(receipt.messageId));
      for (const { receipt } of batch) receipts.set(receipt.messageId, receipt);
      if (fresh.length === 0) break;
      for (const { text } of fresh) await take(await messageOf(text, payloads));
    }
    return Math.max(0, (await queue.count()) - receipts.size);
  } finally {
    await atMost(MAX_PARALLEL, [...receipts.values()], (receipt) =>
      queue.changeVisibility(receipt, 0),
    );
  }
}

async function messageOf(text: string, payloads: LargePayloads): Promise<TaskMessage> {
  const decoded = decodeMessage(text);
  if (decoded.kind === 'message') return decoded.message;
  const inBlob = decodeMessage(await payloads.download(decoded.blobName));
  if (inBlob.kind === 'message') return inBlob.message;
  throw new CorruptMessageError(
    `The large message '${decoded.blobName}' names another large message.`,
  );
}

async function restoreInstance(
  { history, instances }: HubArchiveParts,
  { record, executionId, events }: ArchivedInstance,
): Promise<void> {
  const { instanceId, ...columns } = record;
  await history.deleteRows(instanceId, { isForced: true });
  if (executionId !== null) {
    const commit = {
      instanceId,
      executionId: toExecutionId(executionId),
      firstEventIndex: 0,
      newEvents: events,
      outbox: [],
      instance: undefined,
      replacesExecution: false,
    };
    await history.append(commit, undefined);
  }
  await instances.deleteRow(instanceId);
  const set = Object.entries(columns).filter(([, value]) => value !== null);
  await instances.merge(
    instanceId,
    {
      ...Object.fromEntries(set),
      customStatus: record.customStatus,
      executionId: record.executionId ?? '',
      lastUpdatedTime: record.lastUpdatedTime,
    },
    [],
  );
}

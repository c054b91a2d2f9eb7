/**
 * A task hub as a whole, for who moves it to another storage. Only for a hub that nobody works on: messages that are in somebody's
 * hands are not seen, and what is written is not guarded against writers.
 */
import type { HistoryEvent } from '../core/history-event.ts';
import type { ExecutionId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import type { TaskMessage } from '../core/task-message.ts';
import type { TaskHubBackend, TaskHubClientBackend } from './backend.ts';

export interface ArchivedInstance {
  /** Without the version that its storage gave it. */
  readonly record: Omit<InstanceRecord, 'etag'>;
  /** null for an instance that never ran. */
  readonly executionId: ExecutionId | null;
  /** The whole history of that execution. */
  readonly events: readonly HistoryEvent[];
}

export interface HubArchive {
  /**
   * Shows all messages that wait, in the order of their arrival as far as storage keeps it. They stay in the hub.
   * @param take is given one after the other, and waited for.
   * @returns how many there are beside those, which storage does not show before a time: 0 where it shows all.
   * @throws {CorruptMessageError} one cannot be read.
   */
  readMessages(take: (message: TaskMessage) => Promise<void>): Promise<number>;
  /** Deletes all messages, those included that are not shown. */
  clearMessages(): Promise<void>;
  /** Writes row and history of an instance, in place of what is there under its id. Sends nothing. */
  restoreInstance(instance: ArchivedInstance): Promise<void>;
  /** What `markImport` wrote last; undefined when there is nothing. */
  findImportMark(): Promise<string | undefined>;
  /** Notes in the hub how far an import is. @param mark undefined: it is complete. */
  markImport(mark: string | undefined): Promise<void>;
}

/** The clients' half of a hub that can be moved. */
export type MovableHub = TaskHubClientBackend & HubArchive;

/** What every adapter is. */
export type MovableTaskHubBackend = TaskHubBackend & HubArchive;

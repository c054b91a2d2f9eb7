/**
 * The file that a task hub travels in: JSON, one value a line, so that it can be written and read without holding it. Events and
 * messages have the members that DurableTask gives them. docs/moving.md describes it.
 */
import { InvalidInputError } from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import type { ExecutionId } from '../../core/ids.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import type { ArchivedInstance } from '../hub-archive.ts';

export const ARCHIVE_FORMAT = 'durable-functions-task-hub';
/** Another number whenever an older version could no longer read it. */
export const ARCHIVE_VERSION = 1;

/** The first line. */
export interface HeaderLine {
  readonly kind: 'taskHub';
  readonly format: typeof ARCHIVE_FORMAT;
  readonly version: number;
  /** Of this file alone. */
  readonly archiveId: string;
  /** Name of the hub that was exported. */
  readonly taskHub: string;
  /** ISO 8601, UTC. */
  readonly exportedTime: string;
}

/** So many `event` lines follow it. */
export interface InstanceLine {
  readonly kind: 'instance';
  readonly row: ArchivedInstance['record'];
  readonly executionId: ExecutionId | null;
  readonly eventCount: number;
}

export interface ArchiveCounts {
  readonly instances: number;
  readonly events: number;
  readonly messages: number;
}

/** The last line: a file without it is cut short. */
export interface EndLine extends ArchiveCounts {
  readonly kind: 'end';
}

export type ArchiveLine =
  | HeaderLine
  | InstanceLine
  | { readonly kind: 'event'; readonly event: HistoryEvent }
  | { readonly kind: 'message'; readonly message: TaskMessage }
  | EndLine;

const KINDS: readonly ArchiveLine['kind'][] = ['taskHub', 'instance', 'event', 'message', 'end'];

/** @param number of the line in its file, from 1. @throws {InvalidInputError} naming the line. */
export function parseArchiveLine(text: string, number: number): ArchiveLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`Line ${number} is not JSON: the file is damaged, or no export.`, {
      cause: error,
    });
  }
  const kind: unknown = (value as Partial<ArchiveLine> | null)?.kind;
  if (!KINDS.some((known) => known === kind)) {
    throw new InvalidInputError(
      `Line ${number} is none of a task hub that 'func durable export' wrote.`,
    );
  }
  return value as ArchiveLine;
}

/** @throws {InvalidInputError} for what is no export, or one that this version does not know. */
export function checkHeader(line: ArchiveLine | undefined): HeaderLine {
  if (line?.kind !== 'taskHub' || (line.format as string) !== ARCHIVE_FORMAT) {
    throw new InvalidInputError(
      "The file does not begin as an export of a task hub does: take one that 'func durable export' wrote.",
    );
  }
  if (line.version !== ARCHIVE_VERSION) {
    throw new InvalidInputError(
      `The file is an export of version ${line.version}, and this version of the package reads ${ARCHIVE_VERSION}: take a newer one.`,
    );
  }
  return line;
}

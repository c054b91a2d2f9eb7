/** A row of a queue that is no message: somebody else wrote it, or the disk lied. */
import { isRecord, optionalText, parseRecord } from '../base/json.ts';
import { type CorruptMessageError, InvalidInputError } from '../core/errors.ts';
import { type MessageFacts, NO_FACTS, taskEventIdOf } from '../core/poison-message.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { UnreadableMessage } from '../engine/backend.ts';
import type { QueueTables } from './hub-tables.ts';
import type { MessagePlace } from './queue-rows.ts';

/** It will not be read better another time: there is one host, and it wrote what is in its file. */
export class UnreadableRow implements UnreadableMessage {
  readonly queueOf: QueueTables['counter'];
  readonly place: MessagePlace;
  readonly text: string;
  readonly problem: CorruptMessageError;
  readonly facts: MessageFacts;
  readonly dequeueCount = 1;
  readonly mayBeRead = false;

  constructor(
    queueOf: QueueTables['counter'],
    row: { readonly place: MessagePlace; readonly text: string },
    problem: CorruptMessageError,
  ) {
    this.queueOf = queueOf;
    this.place = row.place;
    this.text = row.text;
    this.problem = problem;
    this.facts = factsOfRow(row.text);
  }

  get origin(): string {
    return this.queueOf === 'workItemSequence' ? 'workItems' : 'control';
  }
}

/** @throws {InvalidInputError} when it was not delivered by this backend. */
export function unreadableRowOf(message: UnreadableMessage): UnreadableRow {
  if (message instanceof UnreadableRow) return message;
  throw new InvalidInputError(
    'An unreadable message was handed back that this backend did not deliver. Hand back the very object.',
  );
}

function factsOfRow(text: string): MessageFacts {
  const message = parseRecord(text)?.['message'];
  if (!isRecord(message)) return NO_FACTS;
  const target = isRecord(message['target']) ? message['target'] : {};
  const event = isRecord(message['event']) ? message['event'] : {};
  const eventType = optionalText(event['EventType']) ?? null;
  const parent = isRecord(event['ParentInstance']) ? event['ParentInstance'] : undefined;
  const caller = parent?.['OrchestrationInstance'];
  const callerId = isRecord(caller) ? optionalText(caller['InstanceId']) : undefined;
  const taskEventId: unknown = eventType && taskEventIdOf(event as unknown as HistoryEvent);
  return {
    instanceId: optionalText(target['instanceId']) ?? null,
    executionId: optionalText(target['executionId']) ?? null,
    eventType,
    taskEventId: Number.isSafeInteger(taskEventId) ? (taskEventId as number) : null,
    parent:
      callerId === undefined || !isRecord(caller)
        ? null
        : { instanceId: callerId, executionId: optionalText(caller['ExecutionId']) ?? null },
    request: null,
  };
}

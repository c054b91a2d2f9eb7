/**
 * Which request an answer is to. An event id does not tell: requests leave before the history that holds them, and when that
 * cannot be stored, the step runs again, perhaps after other messages, and hands out the same ids to other requests.
 *
 * A timer says when it was to fire. The answers of activities and sub-orchestrations name the function, and the Timestamp that
 * history holds of the request, which no other step has: in the tags of their message, which the .NET extension passes over.
 * Its own answers have no such tags and are told by their ids alone. So are ours to what it asked for: the request that it sends bears
 * another Timestamp than the one that it stores, made some microseconds later. What entities answer names the step id of the
 * request, if it has one.
 */
import { isSameInstant } from '../base/instant.ts';
import type { HistoryEvent, Tags } from './history-event.ts';
import type { ScheduledEvent } from './replay/scheduled.ts';
import type { ActivityMessage, TaskMessage } from './task-message.ts';

/** What an answer has to know of the request that it answers. */
export interface AnsweredRequest {
  /** `Timestamp` of the event that recorded it; undefined where the request does not tell. */
  readonly askedAt: string | undefined;
  /** Of the activity or the sub-orchestration. */
  readonly name: string;
}

const ASKED_AT = 'askedAt';
const ASKED_NAME = 'asked';
const STEP_ID = 'stepId';

/** @param askedAt `Timestamp` of the event that records it. @returns the tags of the message that asks for an activity. */
export function requestTags(tags: Tags, askedAt: string): Tags {
  return { ...tags, [ASKED_AT]: askedAt };
}

/** What the request for an activity tells of itself. Tags of the orchestration, which come with it, may have any name. */
export function requestOf({ event, orchestrationTags }: ActivityMessage): AnsweredRequest {
  return { askedAt: recordedAt(orchestrationTags, event.Timestamp), name: event.Name };
}

/** @param timestamp of the event that the message carries. @returns that of the one that history holds, where it is told. */
export function recordedAt(
  tags: Readonly<Record<string, unknown>> | undefined,
  timestamp: string,
): string | undefined {
  const askedAt = tags?.[ASKED_AT];
  return typeof askedAt === 'string' && isSameInstant(askedAt, timestamp) ? askedAt : undefined;
}

/** @returns the tags of the message that answers. */
export function answerTags({ askedAt, name }: AnsweredRequest): Tags {
  return { ...(askedAt !== undefined && { [ASKED_AT]: askedAt }), [ASKED_NAME]: name };
}

/** @returns the tags of the message by which an entity answers. @param stepId of the request: see `entity/request-id.ts`. */
export function stepTags(stepId: string): Tags {
  return { [STEP_ID]: stepId };
}

/** The step id of the request that an entity answers. */
export function answeredStep({ orchestrationTags }: TaskMessage): string | undefined {
  return orchestrationTags?.[STEP_ID];
}

/** The id of the request that an event answers; undefined when it answers none. */
export function answeredId(event: HistoryEvent): number | undefined {
  if ('TaskScheduledId' in event) return event.TaskScheduledId;
  return 'TimerId' in event ? event.TimerId : undefined;
}

/** Whether the message answers this very request; `request` has the id that the answer names. */
export function answers(
  { event, orchestrationTags }: TaskMessage,
  request: ScheduledEvent,
): boolean {
  switch (event.EventType) {
    case 'TimerFired':
      return request.EventType === 'TimerCreated' && isSameInstant(request.FireAt, event.FireAt);
    case 'TaskCompleted':
    case 'TaskFailed':
      return request.EventType === 'TaskScheduled' && isAsked(orchestrationTags, request);
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
      return (
        request.EventType === 'SubOrchestrationInstanceCreated' &&
        isAsked(orchestrationTags, request)
      );
    default:
      return false;
  }
}

function isAsked(
  tags: Tags | undefined,
  { Timestamp, Name }: { readonly Timestamp: string; readonly Name: string },
): boolean {
  const askedAt = tags?.[ASKED_AT];
  const name = tags?.[ASKED_NAME];
  return (
    (askedAt === undefined || isSameInstant(askedAt, Timestamp)) &&
    (name === undefined || name === Name)
  );
}

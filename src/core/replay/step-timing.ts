/**
 * After which event the next step of a list began. SDK 2.x and 3.x list a task once, however often it is waited for: when
 * the wait for a race is over, the orchestrator may first wait for one of the losers, of which the list says nothing. That
 * matters while a task is open that takes further ids when it is answered (a retried call, say): the next step has ids from
 * before or from after. And it matters when the step waits for an external event: one that came meanwhile came too early for
 * it. Requests that history has tell when the step began; where it has none, the orchestrator is shown one event more at a
 * time.
 */
import { isReceived, type HistoryEvent } from '../history-event.ts';
import { RELEASE_EVENT } from '../entity/release-message.ts';
import type { SdkAction } from './action.ts';
import { isCompound, waitsForEvent } from './action-list.ts';
import { stepOf, type Step } from './same-step.ts';
import { isRecordOfStep, isScheduledEvent } from './scheduled.ts';
import { LONG_TIMER_SLICE_MS } from './timer.ts';

export type StepBegin = 'now' | 'later' | 'unknown';

/** What is asked for first by an action that was not started yet. */
interface FirstRequest extends Step {
  /** Of a timer; ISO 8601. */
  readonly fireAt: string | undefined;
}

export class StepTiming {
  readonly #events: readonly HistoryEvent[];
  readonly #isStep: boolean;
  /** Where each request stands in the events, by its id. */
  readonly #places = new Map<number, number>();
  /** How many of the events lie before the first of which history does not tell who took ids. */
  readonly #toldCount: number;
  /** How many answers there are among the others. */
  readonly #undecidedCount: number;

  /**
   * @param events those that the replay has not seen.
   * @param isStep whether the run was shown no more than one further event that the orchestrator is told of: then all that its
   *   list adds began there.
   */
  constructor(events: readonly HistoryEvent[], isStep: boolean) {
    this.#events = events;
    this.#isStep = isStep;
    events.forEach((event, index) => {
      if (isScheduledEvent(event)) this.#places.set(event.EventId, index);
    });
    this.#toldCount = countTold(events);
    this.#undecidedCount = events.slice(this.#toldCount).filter(isAnswer).length;
  }

  /**
   * @param applied how many of the events the replay has seen by now.
   * @param nextId the id that the step would get.
   * @param isKnown whether an action was started already.
   */
  judge(
    applied: number,
    nextId: number,
    step: SdkAction,
    isKnown: (action: SdkAction) => boolean,
  ): StepBegin {
    if (this.#isStep) return 'now';
    const isTold = applied < this.#toldCount;
    const requests = firstRequests(step, isKnown);
    if (isTold && requests.length > 0) {
      const isRecorded =
        this.#places.has(nextId) &&
        requests.every((request, index) => this.#holds(request, nextId + index, applied));
      return isRecorded ? 'now' : 'later';
    }
    const left = this.#events.slice(applied).filter(isAnswer).length;
    if (isTold) return waitsForEvent(step) && left > 0 ? 'unknown' : 'now';
    return this.#undecidedCount > 1 && left > 0 ? 'unknown' : 'now';
  }

  /** Whether history has the request under this id, and in the episode that goes on after `applied` events. */
  #holds(request: FirstRequest, id: number, applied: number): boolean {
    const place = this.#places.get(id);
    if (place === undefined) {
      // The end of a step that could not be stored as a whole.
      return !this.#events
        .slice(applied)
        .some(({ EventType }) => EventType === 'OrchestratorCompleted');
    }
    const event = this.#events[place];
    if (!event || !isScheduledEvent(event) || !isRecordOfStep(event, request)) return false;
    if (event.EventType === 'TimerCreated' && !isSliceOf(event.FireAt, request.fireAt))
      return false;
    return !this.#events
      .slice(applied, place)
      .some(({ EventType }) => EventType === 'OrchestratorStarted');
  }
}

function firstRequests(
  action: SdkAction,
  isKnown: (action: SdkAction) => boolean,
): readonly FirstRequest[] {
  if (isKnown(action)) return [];
  if (isCompound(action)) return action.children.flatMap((child) => firstRequests(child, isKnown));
  const fireAt = action.kind === 'createTimer' ? action.fireAt : undefined;
  const step =
    action.kind === 'releaseEntities'
      ? { kind: 'sendEvent' as const, name: RELEASE_EVENT }
      : stepOf(action);
  return step ? [{ ...step, fireAt }] : [];
}

/** A timer fires when it was asked to, or is the first of the slices of a long one. */
function isSliceOf(recorded: string, asked: string | undefined): boolean {
  const leftMs = asked === undefined ? 0 : Date.parse(asked) - Date.parse(recorded);
  return leftMs === 0 || leftMs >= LONG_TIMER_SLICE_MS;
}

/** By a request, or by an episode without one, history tells of all that came before it. */
function countTold(events: readonly HistoryEvent[]): number {
  let count = 0;
  let isSuspended = false;
  events.forEach((event, index) => {
    if (event.EventType === 'ExecutionSuspended') isSuspended = true;
    if (event.EventType === 'ExecutionResumed') isSuspended = false;
    const endsRun = event.EventType === 'OrchestratorCompleted' && !isSuspended;
    if (endsRun || isScheduledEvent(event)) count = index + 1;
  });
  return count;
}

function isAnswer(event: HistoryEvent): boolean {
  return isReceived(event) && event.EventType !== 'ExecutionStarted';
}

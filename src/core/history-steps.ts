/**
 * How far the orchestrator is shown its history, when one run over all of it would not tell enough: SDK 1.x does not say when a
 * yield was over; and after a run that threw nothing is known of the external events that it was not shown, or shown in the
 * wrong place, nor, when the history comes from storage, of the attempts that are still to come. And a task that is waited for
 * once more is not listed once more, so that what follows it seems to start too early. It runs again then, over one step of the
 * history more each time.
 */
import { isReceived, type HistoryEvent } from './history-event.ts';
import {
  flattenActions,
  type OrchestratorAnswer,
  type SdkAction,
  type SdkActions,
} from './replay/action.ts';
import { isScheduledEvent } from './replay/scheduled.ts';

/** What the replay has not been shown. */
export interface UnseenHistory {
  /** The whole history. */
  readonly events: readonly HistoryEvent[];
  /** How many of the events the replay has seen. */
  readonly seenCount: number;
  /** Whether the runs of earlier episodes are not known, because the history comes from storage, or they told nothing. */
  readonly isUnknown: boolean;
  /**
   * Whether the run may not have been shown all that reached the orchestrator: external events were seen that nothing has waited
   * for so far, or the replay stopped inside the history.
   */
  readonly mayLackEvents: boolean;
  /** Whether an EventRaised of this name is an entity's answer. */
  readonly isResponse: (eventName: string) => boolean;
}

type Step = 'episode' | 'event';

export class HistorySteps {
  #step: Step = 'event';
  #end: number | undefined;

  /** How many events of the history the run under way is shown; undefined for all. */
  get end(): number | undefined {
    return this.#end;
  }

  /** @param answer of a run over the whole history. @returns whether it does not tell enough, and steps begin. */
  begin(answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>, unseen: UnseenHistory): boolean {
    const step = neededStep(answer, unseen);
    if (step === undefined) return false;
    this.#step = step;
    // What a run lacked, the next one is shown before anything that came later.
    this.#end =
      step === 'event' && unseen.mayLackEvents
        ? unseen.seenCount
        : this.#nextEnd(unseen.events, unseen.seenCount);
    return true;
  }

  /** Steps over the whole history, event by event: what one run told of it cannot be. */
  beginAnew(events: readonly HistoryEvent[]): void {
    this.#step = 'event';
    this.#end = this.#nextEnd(events, 0);
  }

  /** Steps event by event, after a first one that shows what was shown to the replay already. */
  beginAt(end: number): void {
    this.#step = 'event';
    this.#end = end;
  }

  /** After a step that ended at `end`. @returns whether there is another one. */
  goOn(events: readonly HistoryEvent[]): boolean {
    if (this.#end === undefined) return false;
    this.#end = this.#end < events.length ? this.#nextEnd(events, this.#end) : undefined;
    return this.#end !== undefined;
  }

  #nextEnd(events: readonly HistoryEvent[], from: number): number {
    if (this.#step === 'episode') return episodeEnd(events, from);
    const next = events.findIndex((event, index) => index >= from && isReceived(event));
    return next < 0 ? events.length : next + 1;
  }
}

function neededStep(
  { kind, actions }: Exclude<OrchestratorAnswer, { kind: 'aborted' }>,
  { events, seenCount, isUnknown, mayLackEvents, isResponse }: UnseenHistory,
): Step | undefined {
  if (isUnknown && isAmbiguous(actions)) return 'episode';
  if (kind !== 'threw') return undefined;
  if (mayLackEvents && seenCount < events.length) return 'event';
  const received = events.slice(seenCount).filter(isReceived);
  if (received.length < 2) return undefined;
  const isUntold =
    flattenActions(actions).some(isUnknown ? hasRetry : hasRetryTimeout) ||
    received.some((event) => event.EventType === 'EventRaised' && !isResponse(event.Name));
  return isUntold ? 'event' : undefined;
}

/**
 * Whether the list of SDK 1.x leaves open when one of its yields was over, because there was more than one task to wait for, or
 * whose the attempts in history are.
 */
function isAmbiguous(actions: SdkActions): boolean {
  if (actions.schema === 'nested') return false;
  return (
    actions.yields.slice(0, -1).some((tasks) => tasks.length > 1) ||
    flattenActions(actions).some((action) => 'retry' in action)
  );
}

function hasRetry(action: SdkAction): boolean {
  return 'children' in action ? action.children.some(hasRetry) : 'retry' in action;
}

function hasRetryTimeout(action: SdkAction): boolean {
  if ('children' in action) return action.children.some(hasRetryTimeout);
  return 'retry' in action && action.retry.retryTimeoutMs !== undefined;
}

/** Where the events end that the orchestrator is shown in the first episode that ends after `from`. */
function episodeEnd(events: readonly HistoryEvent[], from: number): number {
  let index = events.findIndex(
    ({ EventType }, at) => at >= from && EventType === 'OrchestratorStarted',
  );
  if (index < 0) return events.length;
  do index++;
  while (index < events.length && !endsInput(events[index]));
  return index;
}

function endsInput(event: HistoryEvent | undefined): boolean {
  return (
    event !== undefined &&
    (isScheduledEvent(event) ||
      event.EventType === 'OrchestratorCompleted' ||
      event.EventType === 'OrchestratorStarted')
  );
}

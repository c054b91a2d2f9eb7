/**
 * How far the orchestrator is shown its history, when one run over all of it would not tell enough: SDK 1.x does not say when a
 * yield was over; a run that threw tells nothing of the external events that it was not shown, or shown in the wrong place, nor of
 * the attempts that are still to come; and an SDK that lists a task once, however often it is waited for, does not say when what
 * follows began. It runs again then, over one step of the history more each time.
 */
import { isReceived, type HistoryEvent } from '../history-event.ts';
import { flattenActions, type SdkActions } from '../replay/action.ts';
import { isScheduledEvent } from '../replay/scheduled.ts';

/** What one run said. */
export interface ListAnswer {
  readonly hasThrown: boolean;
  readonly actions: SdkActions;
}

/** What the walk has not been shown. */
export interface UnseenHistory {
  /** The whole history. */
  readonly events: readonly HistoryEvent[];
  /** How many of the events the walk has seen. */
  readonly seenCount: number;
  /** Whether the runs of earlier episodes are not known, because the history comes from storage. */
  readonly isUnknown: boolean;
  /**
   * Whether the run may not have been shown all that reached the orchestrator: external events were seen that nothing has waited
   * for so far, or the walk stopped inside the history.
   */
  readonly mayLackEvents: boolean;
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
  begin(answer: ListAnswer, unseen: UnseenHistory): boolean {
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
  { hasThrown, actions }: ListAnswer,
  { events, seenCount, isUnknown, mayLackEvents }: UnseenHistory,
): Step | undefined {
  if (hasThrown && mayLackEvents && seenCount < events.length) return 'event';
  const isOneEvent = events.slice(seenCount).filter(isReceived).length < 2;
  if (isOneEvent) return undefined;
  if (hasThrown || actions.schema === 'nested') return 'event';
  return isUnknown && isAmbiguous(actions) ? 'episode' : undefined;
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

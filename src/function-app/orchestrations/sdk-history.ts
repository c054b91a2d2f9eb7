/** History events as the SDKs want them: numbers for names, no text missing. */
import {
  EVENT_TYPE_NUMBERS,
  type HistoryEvent,
  ORCHESTRATION_STATUS_NUMBERS,
} from '../../core/history-event.ts';

export type SdkEvent = Record<string, unknown>;

/**
 * Histories for SDKs that replay them whole. An SDK event lives as long as its event and serves each run again, because making
 * all of them anew was half of what a replay costs. That is safe with what the SDKs write into them: 2.x and 3.x turn `Timestamp`
 * into a Date, once and for all; 1.x marks events as processed, which is taken back here.
 */
export class SdkHistory {
  readonly #events = new WeakMap<HistoryEvent, SdkEvent>();

  /** @param playedCount how many of `history` were shown before. */
  of(history: readonly HistoryEvent[], playedCount: number): readonly SdkEvent[] {
    return history.map((event, index) => this.#eventOf(event, index < playedCount));
  }

  #eventOf(event: HistoryEvent, isPlayed: boolean): SdkEvent {
    const known = this.#events.get(event);
    if (known) {
      known['IsPlayed'] = isPlayed;
      if (known['IsProcessed'] === true) known['IsProcessed'] = false;
      return known;
    }
    const made = toSdkEvent(event, isPlayed);
    this.#events.set(event, made);
    return made;
  }
}

export function toSdkEvent(event: HistoryEvent, isPlayed: boolean): SdkEvent {
  const view: SdkEvent = {
    ...event,
    EventType: EVENT_TYPE_NUMBERS[event.EventType],
    IsPlayed: isPlayed,
  };
  switch (event.EventType) {
    case 'ExecutionStarted':
      view['OrchestrationInstance'] = { ...event.OrchestrationInstance };
      view['ParentInstance'] = structuredClone(event.ParentInstance);
      view['Tags'] = event.Tags === null ? null : { ...event.Tags };
      break;
    case 'ExecutionCompleted':
    case 'ContinueAsNew':
      view['OrchestrationStatus'] = ORCHESTRATION_STATUS_NUMBERS[event.OrchestrationStatus];
      break;
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed':
      // Without texts 2.x and 3.x throw outside of the orchestrator.
      view['Reason'] = event.Reason ?? '';
      view['Details'] = event.Details ?? '';
      view['FailureDetails'] = structuredClone(event.FailureDetails);
      break;
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      // Parsed by the SDKs as it is: undefined is no JSON, '' neither.
      view['Result'] = event.Result === '' ? null : event.Result;
      break;
    case 'ExecutionTerminated':
    case 'ExecutionSuspended':
    case 'ExecutionResumed':
    case 'ExecutionRewound':
    case 'TaskScheduled':
    case 'SubOrchestrationInstanceCreated':
    case 'TimerCreated':
    case 'TimerFired':
    case 'OrchestratorStarted':
    case 'OrchestratorCompleted':
    case 'EventSent':
    case 'EventRaised':
    case 'GenericEvent':
    case 'HistoryState':
      break;
  }
  return view;
}

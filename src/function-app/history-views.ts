/**
 * History events as the SDKs want them. A view lives as long as its event and serves each run again, because making all of
 * them anew was half of what a replay costs. That is safe with what the SDKs write into them: 2.x and 3.x turn `Timestamp` into a
 * Date, once and for all; 1.x marks events as processed, which is taken back here.
 */
import {
  EVENT_TYPE_NUMBERS,
  type HistoryEvent,
  ORCHESTRATION_STATUS_NUMBERS,
} from '../core/history-event.ts';

type View = Record<string, unknown>;

export class HistoryViews {
  readonly #views = new WeakMap<HistoryEvent, View>();

  of(event: HistoryEvent, isPlayed: boolean): View {
    const known = this.#views.get(event);
    if (known) {
      known['IsPlayed'] = isPlayed;
      if (known['IsProcessed'] === true) known['IsProcessed'] = false;
      return known;
    }
    const view = newView(event, isPlayed);
    this.#views.set(event, view);
    return view;
  }
}

function newView(event: HistoryEvent, isPlayed: boolean): View {
  const view: View = {
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

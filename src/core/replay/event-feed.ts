/**
 * How an orchestrator is shown its history: one event after the other, each chosen only when it is known what the one before
 * made the orchestrator ask for. That is what an external event needs that may come before its wait, and a retry that is over
 * for the engine and not for the SDK.
 */
import type { HistoryEvent } from '../history-event.ts';
import type { SdkAction } from './action.ts';

export interface ShownEvent {
  /** As the orchestrator is to see it: an external event bears the name as the orchestrator spells it. */
  readonly event: HistoryEvent;
  /** Whether a run before this one saw it: what it leads to is no news then (`isReplaying`). */
  readonly isPlayed: boolean;
}

export interface EventFeed {
  /**
   * The next event; undefined when nothing is left.
   * @param asked all that the orchestrator has asked for so far. It grows at its end; what was in it stays the same objects.
   */
  next(asked: readonly SdkAction[]): ShownEvent | undefined;
  /**
   * What is to come, as it is stored, without a choice: for a run that can only replay whole histories. It still takes every
   * event by `next`, to say what was asked for by then.
   */
  rest(): readonly ShownEvent[];
}

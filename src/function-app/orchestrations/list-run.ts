/**
 * An orchestrator whose SDK answers a run over its whole history with the list of all that it has asked for: durable-functions
 * 1.x, and SDKs that are not known. Each feed runs it over the whole history, as often as it takes to know what it asks for after
 * each event.
 */
import { FairTurn } from '../../base/fair-turn.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { ListReplay } from '../../core/list-replay/list-replay.ts';
import type { ListOwner } from '../../core/list-replay/list-walk.ts';
import type { OrchestratorAnswer } from '../../core/replay/action.ts';
import type { EventFeed } from '../../core/replay/event-feed.ts';
import { ChangedStepFailure, ReplayFailure } from '../../core/replay/replay-failure.ts';
import type { OrchestrationRun } from '../../engine/function-invoker.ts';
import { type SdkAnswer, withoutActions } from './orchestration-trigger.ts';

/** Runs the orchestrator once. @param playedCount how many of the events were shown before. */
export type RunOverHistory = (
  history: readonly HistoryEvent[],
  playedCount: number,
) => Promise<SdkAnswer>;

export class ListRun implements OrchestrationRun {
  readonly isReplayed = true;
  readonly #replay: ListReplay;
  readonly #runOver: RunOverHistory;
  readonly #signal: AbortSignal | undefined;
  #shownCount = 0;

  /** @param signal has it give up between two runs. */
  constructor(owner: ListOwner, runOver: RunOverHistory, signal?: AbortSignal) {
    this.#replay = new ListReplay(owner);
    this.#runOver = runOver;
    this.#signal = signal;
  }

  async feed(events: EventFeed): Promise<OrchestratorAnswer> {
    this.#replay.add(events.rest());
    const answer = await this.#run();
    while (events.next(this.#replay.askedAfter(this.#shownCount))) this.#shownCount++;
    return answer;
  }

  close(): void {
    // Nothing of the orchestrator lives between its runs.
  }

  async #run(): Promise<OrchestratorAnswer> {
    const turn = new FairTurn();
    for (;;) {
      if (this.#signal?.aborted === true) return { kind: 'aborted', reason: 'It took too long.' };
      const { history, playedCount } = this.#replay.view();
      const answer = await this.#runOver(history, playedCount);
      try {
        const { kind, actions } = answer;
        const taken = this.#replay.take({ hasThrown: kind === 'threw', actions });
        if (taken === 'complete') return withoutActions(answer);
      } catch (error) {
        if (!(error instanceof ReplayFailure)) throw error;
        const { message } = error;
        if (!(error instanceof ChangedStepFailure)) return { kind: 'failed', message };
        return { kind: 'failed', message, step: error.step };
      }
      if (turn.isOver) await turn.pass();
    }
  }
}

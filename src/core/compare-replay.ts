/**
 * What a replay of a stored history by today's code of its orchestrator says: that it asks for the same, or the step at which it does
 * not. Nothing of what it asks for is done. The rules are those of the engine; what is compared besides is what the engine would
 * find out later, or never: what is asked for beyond the history, and the end.
 */
import { failureOf } from './decide.ts';
import type { ExecutionCompletedEvent, HistoryEvent } from './history-event.ts';
import { countPlayed, type OrchestrationExecution } from './orchestration-execution.ts';
import type { DecisiveAnswer } from './replay/action.ts';
import { ChangedStepFailure, type ChangedStep, ReplayFailure } from './replay/replay-failure.ts';
import {
  factsOfScheduled,
  isScheduledEvent,
  type ScheduledEvent,
  type StepFacts,
} from './replay/scheduled.ts';

/** How an orchestrator ends. */
export interface EndFacts {
  readonly kind: 'completed' | 'failed' | 'continuedAsNew';
  /** Of the exception of today's code. */
  readonly message?: string;
}

export interface DifferingStep {
  /** null for the end of the orchestration. */
  readonly eventId: number | null;
  /** Of the event in the history that says otherwise; null where history has nothing yet. */
  readonly index: number | null;
  readonly recorded: StepFacts | EndFacts | null;
  /** null: nothing, it still waits. */
  readonly asked: StepFacts | EndFacts | null;
}

export interface ComparedReplay {
  /**
   * `same`: all that history has, and no more. `changed`: something else, and history has nothing against it, so that the instance goes
   * on. `cannotContinue`: the instance would fail with its next message.
   */
  readonly verdict: 'same' | 'changed' | 'cannotContinue';
  /** For people; null for `same`. */
  readonly reason: string | null;
  /** null for `same`, and where the code fails for a reason that is no step. */
  readonly step: DifferingStep | null;
}

/** What the orchestrator was shown of a stored history, and what it has done since. */
export interface ShownHistory {
  readonly events: readonly HistoryEvent[];
  /** What it asked for before it ended, and was never shown. */
  readonly lastRequests: readonly ScheduledEvent[];
  /** How it ended by itself; undefined while it runs, and when it was terminated. */
  readonly end: { readonly event: ExecutionCompletedEvent; readonly index: number } | undefined;
}

/** What came while the instance was suspended, and with the request to terminate it, the orchestrator has not seen. */
export function shownHistory(history: readonly HistoryEvent[]): ShownHistory {
  const index = history.findIndex(
    ({ EventType }) => EventType === 'ExecutionCompleted' || EventType === 'ContinueAsNew',
  );
  const event = history[index];
  const isEnd = event?.EventType === 'ExecutionCompleted' || event?.EventType === 'ContinueAsNew';
  if (!isEnd) return { events: played(history), lastRequests: [], end: undefined };
  const before = history.slice(0, index);
  const status = event.OrchestrationStatus;
  if (status === 'Terminated' || status === 'Canceled') {
    const lastEpisode = before.findLastIndex(
      ({ EventType }) => EventType === 'OrchestratorStarted',
    );
    return { events: played(before.slice(0, lastEpisode)), lastRequests: [], end: undefined };
  }
  const shown = before.findLastIndex((each) => !isScheduledEvent(each)) + 1;
  return {
    events: before.slice(0, shown),
    lastRequests: before.slice(shown).filter(isScheduledEvent),
    end: { event, index },
  };
}

function played(history: readonly HistoryEvent[]): readonly HistoryEvent[] {
  return history.slice(0, countPlayed(history));
}

/**
 * @param execution whose run was shown `shown.events`, all as played.
 * @param answer what that run has come to.
 */
export function compareReplay(
  execution: OrchestrationExecution,
  shown: ShownHistory,
  answer: DecisiveAnswer,
): ComparedReplay {
  const { replay } = execution;
  const problem = replay.failure?.message ?? problemOf(execution, answer);
  if (problem !== undefined) {
    const step = changedStepOf(replay.failure) ?? (answer.kind === 'failed' && answer.step);
    return cannotContinue(execution, problem, step || undefined);
  }
  const end = endOf(execution, answer);
  if (end !== undefined) replay.releaseHeldLock();
  try {
    shown.lastRequests.forEach((event, offset) => {
      replay.record(event, shown.events.length + offset);
    });
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    return cannotContinue(execution, error.message, changedStepOf(error));
  }
  const recordedEnd = shown.end && endFacts(shown.end.event);
  const [more] = replay.takeScheduled();
  if (more !== undefined) {
    const asked = factsOfScheduled(more.scheduled);
    const reason =
      recordedEnd === undefined
        ? 'It asks for a step that history does not have: the instance goes on with it at its next message.'
        : 'It asks for a further step where the instance ended.';
    const { id: eventId } = more;
    return changed(reason, { eventId, asked, ...place(shown, recordedEnd) });
  }
  if (recordedEnd?.kind !== end?.kind) {
    const reason = end === undefined ? 'It still waits where the instance ended.' : ENDS[end.kind];
    return changed(reason, { eventId: null, asked: end ?? null, ...place(shown, recordedEnd) });
  }
  if (answer.kind === 'ran' && !isSameJson(answer.output, shown.end?.event.Result)) {
    if (end?.kind !== 'completed') return SAME;
    const reason = 'It ends with another output.';
    return changed(reason, { eventId: null, asked: end, ...place(shown, recordedEnd) });
  }
  return SAME;
}

const SAME: ComparedReplay = { verdict: 'same', reason: null, step: null };

const ENDS: Readonly<Record<EndFacts['kind'], string>> = {
  completed: 'It completes where the instance did not.',
  failed: 'It fails where the instance did not.',
  continuedAsNew: 'It continues as new where the instance did not.',
};

function problemOf(execution: OrchestrationExecution, answer: DecisiveAnswer): string | undefined {
  return answer.kind === 'failed' ? answer.message : failureOf(execution, answer);
}

/** undefined while it waits, also for what is still open. */
function endOf({ replay }: OrchestrationExecution, answer: DecisiveAnswer): EndFacts | undefined {
  const hasThrown = answer.kind === 'threw';
  if (!hasThrown && !(answer.kind === 'ran' && answer.isDone)) return undefined;
  if (replay.hasOpenTasks || (hasThrown && replay.hasOpenEntityCalls)) return undefined;
  if (hasThrown) return { kind: 'failed', message: answer.message };
  return { kind: replay.continueAsNew ? 'continuedAsNew' : 'completed' };
}

function endFacts({ OrchestrationStatus }: ExecutionCompletedEvent): EndFacts {
  if (OrchestrationStatus === 'ContinuedAsNew') return { kind: 'continuedAsNew' };
  return { kind: OrchestrationStatus === 'Failed' ? 'failed' : 'completed' };
}

function place(
  { end }: ShownHistory,
  recorded: EndFacts | undefined,
): Pick<DifferingStep, 'index' | 'recorded'> {
  return { index: end?.index ?? null, recorded: recorded ?? null };
}

function changed(reason: string, step: DifferingStep): ComparedReplay {
  return { verdict: 'changed', reason, step };
}

function changedStepOf(failure: unknown): ChangedStep | undefined {
  return failure instanceof ChangedStepFailure ? failure.step : undefined;
}

function cannotContinue(
  { state }: OrchestrationExecution,
  reason: string,
  step: ChangedStep | undefined,
): ComparedReplay {
  if (step === undefined) return { verdict: 'cannotContinue', reason, step: null };
  const { id, recorded, asked = null } = step;
  const event = state.requestOf(id);
  const index = event === undefined ? null : state.events.indexOf(event);
  return { verdict: 'cannotContinue', reason, step: { eventId: id, index, recorded, asked } };
}

/** Whoever wrote the history may have spaced it otherwise. */
function isSameJson(one: string | null, other: string | null | undefined): boolean {
  return normal(one) === normal(other ?? null);
}

function normal(text: string | null): string | null {
  if (text === null || text === 'null') return null;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/**
 * The one entry to what happens next: an execution, the SDK's answer, the time and fresh ids in; new history events and
 * messages out. Same input, same output. Mirrors TaskOrchestrationDispatcher.OnProcessWorkItemSessionAsync, steps 5 to 7.
 */
import { releaseHeldLocks } from './entity/held-locks.ts';
import type { OrchestrationExecution } from './orchestration-execution.ts';
import type { ExecutionCompletedEvent, FailureDetails } from './history-event.ts';
import { answerToParent, dispatch, type Sending } from './outbox.ts';
import type { DecisiveAnswer } from './replay/action.ts';
import { failureText, payloadProblem } from './payload-size.ts';
import { nextExecutionId } from './stable-id.ts';
import type { TaskMessage } from './task-message.ts';

export interface DecideContext {
  /** ISO 8601, UTC. No other context has it: by the Timestamp of a request its answer is known. */
  readonly now: string;
  readonly newId: () => string;
  /** Ids of the spans that tell of requests; absent where no spans are made. */
  readonly newSpanId?: (() => string) | undefined;
}

export interface Decision {
  /** The messages of this episode. */
  readonly outbox: readonly TaskMessage[];
  /** The next generation, when the orchestrator continued as new: it runs at once, in the same work item. */
  readonly next: OrchestrationExecution | undefined;
  /** What the orchestrator waits for is not outstanding anywhere: it will never go on. */
  readonly isStalled: boolean;
}

type Ending =
  | { readonly kind: 'completed'; readonly output: string | null }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly failureDetails: FailureDetails | null;
    }
  | { readonly kind: 'terminated'; readonly reason: string | null };

/** The largest custom status, in bytes of UTF-16. */
const MAX_CUSTOM_STATUS_BYTES = 16 * 1024;

/**
 * Ends an episode in which the orchestrator ran. Appends to the execution's history.
 * @param answer what the run has come to.
 */
export function decide(
  execution: OrchestrationExecution,
  answer: DecisiveAnswer,
  context: DecideContext,
): Decision {
  const failure = execution.replay.failure?.message ?? failureOf(execution, answer);
  if (failure !== undefined) return decideFailed(execution, failure, context);
  if (answer.kind === 'failed') return decideFailed(execution, answer.message, context);
  execution.takeStatus(answer.customStatus);

  const { replay } = execution;
  const hasEnded = answer.kind === 'threw' || answer.isDone;
  // The answer of an entity comes once: a failed instance would not hear it, and a rewind could not ask for it again.
  const isOpen = replay.hasOpenTasks || (answer.kind === 'threw' && replay.hasOpenEntityCalls);
  const isOver = hasEnded && !isOpen;
  if (isOver) replay.releaseHeldLock();
  const outbox = sendScheduled(execution, context);
  if (isOver && answer.kind === 'threw') {
    return end(execution, context, outbox, { ...answer, kind: 'failed' });
  }
  if (isOver && answer.kind === 'ran') {
    if (replay.continueAsNew) {
      const next = execution.continueAsNew(replay.continueAsNew.input, {
        executionId: nextExecutionId(execution.executionId),
        now: context.now,
      });
      const what = (): string => 'The input of the next generation';
      const problem = payloadProblem(execution.limits, next.started.Input, what);
      if (problem !== undefined) return decideFailed(execution, problem, context);
      return { outbox, next, isStalled: false };
    }
    return end(execution, context, outbox, { kind: 'completed', output: answer.output });
  }
  closeEpisode(execution, context);
  execution.noteRun();
  const isStalled = !hasEnded && !replay.hasOpenTasks && !replay.isWaitingForEvent;
  return { outbox, next: undefined, isStalled };
}

/** Ends an episode without running the orchestrator: the instance is suspended and nothing may happen. */
export function decideSuspended(
  execution: OrchestrationExecution,
  context: DecideContext,
): Decision {
  closeEpisode(execution, context);
  return { outbox: [], next: undefined, isStalled: false };
}

/** Ends an instance that was asked to terminate. Tasks under way are left alone; its locks are released. */
export function decideTerminated(
  execution: OrchestrationExecution,
  context: DecideContext,
): Decision {
  return end(execution, context, [], {
    kind: 'terminated',
    reason: execution.state.terminated?.Input ?? null,
  });
}

/**
 * Ends an instance that cannot run, such as one of a function that the app does not have; but not before the entities have
 * answered that it called. What else is open a rewind can ask for again.
 */
export function decideFailed(
  execution: OrchestrationExecution,
  message: string,
  context: DecideContext,
): Decision {
  if (execution.state.hasOpenEntityCalls) {
    closeEpisode(execution, context);
    return { outbox: [], next: undefined, isStalled: false };
  }
  return end(execution, context, [], { kind: 'failed', message, failureDetails: null });
}

function sendScheduled(execution: OrchestrationExecution, context: DecideContext): TaskMessage[] {
  const from = sending(execution, context);
  return execution.replay.takeScheduled().map(({ id, scheduled }) => {
    const { event, message } = dispatch(from, id, scheduled);
    execution.appendScheduled(event);
    return message;
  });
}

function end(
  execution: OrchestrationExecution,
  context: DecideContext,
  outbox: readonly TaskMessage[],
  ending: Ending,
): Decision {
  const name = execution.started.Name;
  const common = {
    EventType: 'ExecutionCompleted' as const,
    EventId: execution.state.nextEventId,
    IsPlayed: false,
    Timestamp: context.now,
    FailureDetails: null,
  };
  let completed: ExecutionCompletedEvent;
  let details: string | null = null;
  switch (ending.kind) {
    case 'completed':
      completed = { ...common, OrchestrationStatus: 'Completed', Result: ending.output };
      break;
    case 'terminated':
      completed = { ...common, OrchestrationStatus: 'Terminated', Result: ending.reason };
      break;
    case 'failed': {
      const message = failureText(execution.limits, ending.message);
      completed = {
        ...common,
        OrchestrationStatus: 'Failed',
        Result: `Orchestrator function '${name}' failed: ${message}`,
        FailureDetails: message === ending.message ? ending.failureDetails : null,
      };
      details = `Message: ${message}, StackTrace: `;
      break;
    }
  }
  execution.state.append(completed);
  closeEpisode(execution, context);
  const from = sending(execution, context);
  const answer = answerToParent(from, completed, details);
  const releases = releaseHeldLocks(from, execution.state.events);
  return {
    outbox: [...outbox, ...releases, ...(answer ? [answer] : [])],
    next: undefined,
    isStalled: false,
  };
}

function closeEpisode(execution: OrchestrationExecution, context: DecideContext): void {
  execution.state.append({
    EventType: 'OrchestratorCompleted',
    EventId: -1,
    IsPlayed: false,
    Timestamp: context.now,
  });
}

function sending(execution: OrchestrationExecution, context: DecideContext): Sending {
  return {
    instanceId: execution.state.instanceId,
    executionId: execution.executionId,
    started: execution.started,
    episode: execution.state.episodes,
    now: context.now,
    newId: context.newId,
    newSpanId: context.newSpanId,
  };
}

/** Why the instance cannot go on although its orchestrator could; undefined when it can. */
export function failureOf(
  { replay, started, limits }: OrchestrationExecution,
  answer: DecisiveAnswer,
): string | undefined {
  if (answer.kind === 'failed') return undefined;
  const bytes = (answer.customStatus?.length ?? 0) * 2;
  if (bytes > MAX_CUSTOM_STATUS_BYTES) {
    return `The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is ${Math.ceil(bytes / 1024)} KB.`;
  }
  if (answer.kind === 'ran' && answer.isDone) {
    const what = (): string => `The output of orchestrator function '${started.Name}'`;
    const problem = payloadProblem(limits, answer.output, what);
    if (problem !== undefined) return problem;
  }
  // Tasks of the orchestrator are answered by their ids alone: when the two count differently, answers reach wrong tasks.
  const counted = answer.kind === 'ran' && !answer.isDone ? answer.nextId : undefined;
  if (counted !== undefined && counted !== replay.nextId) {
    return `The durable-functions SDK counts ${counted} tasks of this orchestrator where the engine counts ${replay.nextId}. Answers would reach the wrong tasks. Please report this orchestrator as a defect of the extension.`;
  }
  return undefined;
}

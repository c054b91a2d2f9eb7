/**
 * Rewind: a failed history becomes one that goes on. Rows of failures stop counting in their place, so that the calls they
 * answered are open again: activities are scheduled anew under the same ids, sub-orchestrations are rewound in turn.
 * Mirrors AzureTableTrackingStore.RewindHistoryAsync; golden recordings hold what it leaves behind.
 *
 * Unlike .NET, which takes back every failure of the execution, this leaves alone those that the orchestrator dealt with, that
 * is, after which it asked for something else: a retry, a clean-up. Without their failures these would be in history with no
 * cause, and the instance would fail as non-deterministic. An activity that used up its retries gets its last attempt again.
 * A failure that was followed by a clean-up before it ended the instance stays, and the instance fails with it once more.
 *
 * Where .NET would leave the parent waiting for ever, this goes further: a child that completed meanwhile answers again, and
 * one that was terminated or purged is started anew.
 */
import type { HistoryEvent, SubOrchestrationInstanceCreatedEvent } from '../history-event.ts';
import type { ExecutionId, InstanceId } from '../ids.ts';
import { OrchestrationState } from '../orchestration-state.ts';
import { answerToParent } from '../outbox.ts';
import { CLIENT_SENDER, type TaskMessage } from '../task-message.ts';

/** One event of a stored history that is replaced in its place. */
export interface HistoryEdit {
  /** Position in the history of the current execution. */
  readonly index: number;
  /** What is read there from now on: a GenericEvent, or the event as it was. */
  readonly event: HistoryEvent;
  /** Noted in the row for people and monitors: `Rewound: TaskFailed`. */
  readonly reason: string;
}

/** A call of a sub-orchestration that the rewound history waits for. */
export interface ChildCall {
  readonly index: number;
  readonly event: SubOrchestrationInstanceCreatedEvent;
  /** Whether its answer was a failure, which is taken back now. */
  readonly hasFailed: boolean;
}

export interface RewindPlan {
  readonly executionId: ExecutionId | undefined;
  /**
   * In an order in which any part of them, from the first, can be completed by another plan: the completion last. Empty when
   * the history does not end in a failure.
   */
  readonly edits: readonly HistoryEdit[];
  readonly calls: readonly ChildCall[];
  /** Whether activities are to be scheduled anew, for which the instance itself must run. */
  readonly hasFailedTasks: boolean;
}

export function planRewind(instanceId: InstanceId, events: readonly HistoryEvent[]): RewindPlan {
  const state = new OrchestrationState(instanceId);
  for (const event of events) state.append(event);
  const isFailed = state.completed?.OrchestrationStatus === 'Failed';
  const failures = isFailed ? lastFailures(events) : NONE;
  const failedIds = failures.taskIds;
  const all = isFailed
    ? events.flatMap((event, index) => editOf(event, index, failures) ?? [])
    : [];
  const isTimer = ({ reason }: HistoryEdit): boolean => reason.startsWith('Rewound: Timer');
  // Timers are known by the failures before them.
  const edits = [...all.filter(isTimer), ...all.filter((edit) => !isTimer(edit))];
  const calls = events.flatMap((event, index) => {
    if (event.EventType !== 'SubOrchestrationInstanceCreated') return [];
    const hasFailed = failedIds.has(event.EventId);
    return hasFailed || !state.hasAnswered(event.EventId) ? [{ index, event, hasFailed }] : [];
  });
  const hasFailedTasks = events.some(
    (event) => event.EventType === 'TaskFailed' && failedIds.has(event.TaskScheduledId),
  );
  return { executionId: state.executionId, edits, calls, hasFailedTasks };
}

/** The edit by which a call is forgotten, so that the orchestrator starts the child anew. */
export function forgetCall({ index, event }: ChildCall): HistoryEdit {
  return { index, event: neutralised(event), reason: rewound(event) };
}

export type ChildVerdict =
  /** It failed, or is on its way after a rewind that broke off: rewind it too. */
  | 'rewind'
  /** It completed, and the parent was not there to hear it. */
  | 'answer'
  /** There is nothing left that could answer. */
  | 'startAnew'
  /** It will answer by itself, or nobody waits for it. */
  | 'leave';

/** What is to be done about a child, given its history. */
export function judgeChild(
  call: ChildCall,
  parent: { readonly instanceId: InstanceId; readonly executionId: ExecutionId | undefined },
  history: readonly HistoryEvent[],
): ChildVerdict {
  const state = new OrchestrationState(parent.instanceId);
  for (const event of history) state.append(event);
  const caller = state.started?.ParentInstance;
  const isChild =
    caller?.OrchestrationInstance.InstanceId === parent.instanceId &&
    caller.OrchestrationInstance.ExecutionId === parent.executionId &&
    caller.TaskScheduleId === call.event.EventId;
  const ifLost: ChildVerdict = call.hasFailed ? 'startAnew' : 'leave';
  if (!isChild) return ifLost;
  if (state.started?.Tags && 'FireAndForget' in state.started.Tags) return 'leave';
  switch (state.runtimeStatus) {
    case 'Completed':
      return 'answer';
    case 'Terminated':
    case 'Canceled':
      return ifLost;
    default:
      return 'rewind';
  }
}

/** The answer of a completed child, once more. @returns undefined when the history holds none. */
export function repeatAnswer(
  childId: InstanceId,
  history: readonly HistoryEvent[],
  context: { readonly now: string; readonly newId: () => string },
): TaskMessage | undefined {
  const state = new OrchestrationState(childId);
  for (const event of history) state.append(event);
  const { started, completed, executionId, episodes: episode } = state;
  if (!started || !completed || executionId === undefined) return undefined;
  const from = { instanceId: childId, executionId, started, episode, ...context };
  return answerToParent(from, completed, null);
}

/** Wakes a rewound instance. @param now ISO 8601, UTC. */
export function rewindMessage(
  instanceId: InstanceId,
  reason: string | null,
  now: string,
): TaskMessage {
  return {
    event: {
      EventType: 'GenericEvent',
      EventId: -1,
      IsPlayed: false,
      Timestamp: now,
      Data: reason,
    },
    target: { instanceId, executionId: null },
    sender: CLIENT_SENDER,
  };
}

/** What is taken back. */
interface Failures {
  readonly taskIds: ReadonlySet<number>;
  readonly timerIds: ReadonlySet<number>;
}

const NONE: Failures = { taskIds: new Set(), timerIds: new Set() };

/**
 * The failures after which the orchestrator asked for nothing more. The timer that rings at once when the retries of a call are
 * used up does not count, and goes with them.
 */
function lastFailures(events: readonly HistoryEvent[]): Failures {
  const fired = new Set(
    events.flatMap((event) => (event.EventType === 'TimerFired' ? [event.TimerId] : [])),
  );
  const created = new Set(
    events.flatMap((event) => (event.EventType === 'TimerCreated' ? [event.EventId] : [])),
  );
  let clockMs = 0;
  let taskIds = new Set<number>();
  let timerIds = new Set<number>();
  for (const event of events) {
    switch (event.EventType) {
      case 'OrchestratorStarted':
        clockMs = Math.max(clockMs, Date.parse(event.Timestamp));
        break;
      case 'TaskFailed':
      case 'SubOrchestrationInstanceFailed':
        taskIds.add(event.TaskScheduledId);
        break;
      case 'TaskScheduled':
      case 'SubOrchestrationInstanceCreated':
      case 'TimerCreated':
        if (
          event.EventType === 'TimerCreated' &&
          taskIds.size > 0 &&
          fired.has(event.EventId) &&
          Date.parse(event.FireAt) <= clockMs
        ) {
          timerIds.add(event.EventId);
        } else {
          // It went on after what failed so far.
          taskIds = new Set();
          timerIds = new Set();
        }
        break;
      default:
        break;
    }
  }
  // A rewind that broke off may have taken back a timer, and not yet that it rang.
  const orphans = [...fired].filter((id) => !created.has(id));
  return { taskIds, timerIds: new Set([...timerIds, ...orphans]) };
}

function editOf(event: HistoryEvent, index: number, failures: Failures): HistoryEdit | undefined {
  const gone = { index, event: neutralised(event), reason: rewound(event) };
  switch (event.EventType) {
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed':
      return failures.taskIds.has(event.TaskScheduledId) ? gone : undefined;
    case 'TaskScheduled':
      return failures.taskIds.has(event.EventId) ? gone : undefined;
    case 'SubOrchestrationInstanceCreated':
      // Its child answers under the same id.
      return failures.taskIds.has(event.EventId) ? { ...gone, event } : undefined;
    case 'TimerCreated':
      return failures.timerIds.has(event.EventId) ? gone : undefined;
    case 'TimerFired':
      return failures.timerIds.has(event.TimerId) ? gone : undefined;
    case 'ExecutionCompleted':
      return event.OrchestrationStatus === 'Failed' ? gone : undefined;
    default:
      return undefined;
  }
}

function neutralised({ EventId, IsPlayed, Timestamp }: HistoryEvent): HistoryEvent {
  return { EventType: 'GenericEvent', EventId, IsPlayed, Timestamp, Data: null };
}

function rewound({ EventType }: HistoryEvent): string {
  return `Rewound: ${EventType}`;
}

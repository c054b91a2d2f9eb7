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
 * What was open when the instance failed goes on: activities that had not answered are scheduled anew, and timers that had not
 * rung are created anew, for their messages met a finished instance. Only entities are asked nothing twice; an instance does not
 * fail before they have answered. The locks that it gave up when it failed are not taken again: a critical section goes on
 * without them.
 *
 * Where .NET would leave the parent waiting for ever, this goes further: a child that completed meanwhile answers again, and
 * one that was terminated or purged is started anew.
 */
import { RELEASE_EVENT } from '../entity/release-message.ts';
import type {
  HistoryEvent,
  SubOrchestrationInstanceCreatedEvent,
  TaskScheduledEvent,
  TimerCreatedEvent,
} from '../history-event.ts';
import type { ExecutionId, InstanceId } from '../ids.ts';
import { OrchestrationState } from '../orchestration-state.ts';
import { answerToParent } from '../outbox.ts';
import { HTTP_ACTIVITY } from '../replay/http-call.ts';
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
  /** Whether activities or timers are to be made anew, for which the instance itself must run. */
  readonly mustRun: boolean;
}

export function planRewind(instanceId: InstanceId, events: readonly HistoryEvent[]): RewindPlan {
  const state = new OrchestrationState(instanceId);
  for (const event of events) state.append(event);
  const isFailed = state.completed?.OrchestrationStatus === 'Failed';
  const failures = isFailed ? lastFailures(events) : NONE;
  const failedIds = failures.taskIds;
  const isOpen = (id: number): boolean => !state.hasAnswered(id);
  const all = isFailed
    ? events.flatMap((event, index) => editOf(event, index, failures, isOpen) ?? [])
    : [];
  const isTimer = ({ reason }: HistoryEdit): boolean => reason.startsWith('Rewound: Timer');
  // Timers are known by the failures before them.
  const edits = [...all.filter(isTimer), ...all.filter((edit) => !isTimer(edit))];
  const calls = events.flatMap((event, index) => {
    if (event.EventType !== 'SubOrchestrationInstanceCreated') return [];
    const hasFailed = failedIds.has(event.EventId);
    return hasFailed || isOpen(event.EventId) ? [{ index, event, hasFailed }] : [];
  });
  const mustRun = edits.some(({ reason }) => MADE_ANEW.includes(reason));
  return { executionId: state.executionId, edits, calls, mustRun };
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
  /** Nobody waits for it. */
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
  // Should it be on its way all the same, the parent's history says which of the two starts is meant.
  if (!isChild) return 'startAnew';
  if (state.started?.Tags && 'FireAndForget' in state.started.Tags) return 'leave';
  switch (state.runtimeStatus) {
    case 'Completed':
      return 'answer';
    case 'Terminated':
    case 'Canceled':
      return 'startAnew';
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
  /** Of the events by which locks were given up. */
  readonly releaseIds: ReadonlySet<number>;
}

type Call = TaskScheduledEvent | SubOrchestrationInstanceCreatedEvent;

const NONE: Failures = { taskIds: new Set(), timerIds: new Set(), releaseIds: new Set() };
const MADE_ANEW = ['TaskScheduled', 'TimerCreated'].map((type) => `Rewound: ${type}`);

/**
 * The failures after which the orchestrator asked for nothing more. What the engine asks for by itself while other calls are
 * still open does not count: the next attempt of a retried call and the timer before it, which speak of their own call alone, and
 * the next poll of an HTTP call. Neither do timers that have not rung, for they are taken back, too; the timer that rings at once
 * when the retries of a call are used up goes with the failures.
 */
function lastFailures(events: readonly HistoryEvent[]): Failures {
  const rings = ringsOf(events);
  const calls = new Map<number, Call>();
  const failedCalls = new Set<string>();
  let rung = new Set<number>();
  let clockMs = 0;
  let taskIds = new Set<number>();
  let timerIds = new Set<number>();
  let releaseIds = new Set<number>();
  const goOn = (): void => {
    taskIds = new Set();
    timerIds = new Set();
    releaseIds = new Set();
  };
  const isNextOf = (timerId: number, call: Call): boolean =>
    failedCalls.has(keyOf(call)) || (call.Name === HTTP_ACTIVITY && call.EventId === timerId + 1);
  const noteTimer = ({ EventId, FireAt }: TimerCreatedEvent): void => {
    const next = rings.get(EventId);
    if (next === undefined) return;
    if (taskIds.size > 0 && Date.parse(FireAt) <= clockMs) {
      timerIds.add(EventId);
      return;
    }
    const attempt = next.find((call) => isNextOf(EventId, call));
    if (attempt === undefined) goOn();
    for (const id of taskIds) {
      const call = calls.get(id);
      if (!attempt || !call || keyOf(call) !== keyOf(attempt)) continue;
      taskIds.delete(id);
      break;
    }
  };
  for (const event of events) {
    switch (event.EventType) {
      case 'OrchestratorStarted':
        clockMs = Math.max(clockMs, Date.parse(event.Timestamp));
        rung = new Set();
        break;
      case 'TaskFailed':
      case 'SubOrchestrationInstanceFailed': {
        taskIds.add(event.TaskScheduledId);
        const call = calls.get(event.TaskScheduledId);
        if (call) failedCalls.add(keyOf(call));
        break;
      }
      case 'TimerFired':
        rung.add(event.TimerId);
        break;
      case 'TimerCreated':
        noteTimer(event);
        break;
      case 'TaskScheduled':
      case 'SubOrchestrationInstanceCreated':
        calls.set(event.EventId, event);
        if (![...rung].some((timerId) => isNextOf(timerId, event))) goOn();
        break;
      case 'EventSent':
        if (event.Name === RELEASE_EVENT) releaseIds.add(event.EventId);
        else goOn();
        break;
      default:
        break;
    }
  }
  // A rewind that broke off may have taken back a timer, and not yet that it rang.
  const created = new Set(
    events.flatMap((event) => (event.EventType === 'TimerCreated' ? [event.EventId] : [])),
  );
  for (const id of rings.keys()) if (!created.has(id)) timerIds.add(id);
  return { taskIds, timerIds, releaseIds };
}

/** Timers that rang, and the calls that were made in the episode in which they did. */
function ringsOf(events: readonly HistoryEvent[]): ReadonlyMap<number, readonly Call[]> {
  const rings = new Map<number, Call[]>();
  let calls: Call[] = [];
  for (const event of events) {
    if (event.EventType === 'OrchestratorStarted') calls = [];
    if (event.EventType === 'TimerFired') rings.set(event.TimerId, calls);
    if (isCall(event)) calls.push(event);
  }
  return rings;
}

function isCall(event: HistoryEvent): event is Call {
  return (
    event.EventType === 'TaskScheduled' || event.EventType === 'SubOrchestrationInstanceCreated'
  );
}

/** What two attempts of one call have in common. */
function keyOf({ EventType, Name, Input }: Call): string {
  return JSON.stringify([EventType, Name, Input]);
}

function editOf(
  event: HistoryEvent,
  index: number,
  { taskIds, timerIds, releaseIds }: Failures,
  isOpen: (id: number) => boolean,
): HistoryEdit | undefined {
  const gone = { index, event: neutralised(event), reason: rewound(event) };
  switch (event.EventType) {
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed':
      return taskIds.has(event.TaskScheduledId) ? gone : undefined;
    case 'TaskScheduled':
      return taskIds.has(event.EventId) || isOpen(event.EventId) ? gone : undefined;
    case 'SubOrchestrationInstanceCreated':
      // Its child answers under the same id.
      return taskIds.has(event.EventId) ? { ...gone, event } : undefined;
    case 'TimerCreated':
      return timerIds.has(event.EventId) || isOpen(event.EventId) ? gone : undefined;
    case 'TimerFired':
      return timerIds.has(event.TimerId) ? gone : undefined;
    case 'EventSent':
      return releaseIds.has(event.EventId) ? gone : undefined;
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

/**
 * What is due when. A storage that shows messages before their time is asked for the first of them, and that is all there is. Else the
 * histories of instances that go on are read, so many of them, for timers that have not fired: signals to entities at a time are not
 * seen then. Of a timer of more than a few days the next part is told: how many there will be, no storage says. Timers that an
 * orchestrator gave up are in both as long as it goes on: they fire, and nobody waits for them.
 */
import { atMost } from '../../base/at-most.ts';
import { toInstanceId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../../core/instance-status.ts';
import { openTimersOf } from '../../core/open-timers.ts';
import type { QueuedMessage } from '../../core/queued-message.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { lookAtInstances } from './look-at-instances.ts';

export interface DueTimer {
  /** ISO 8601, UTC. */
  readonly dueTime: string;
  readonly kind:
    | 'timer'
    /** Of an instance that is to start then. */
    | 'start'
    /** To an entity. */
    | 'signal'
    /** A message that failed, and is tried again. */
    | 'retry';
  /** undefined where the message cannot be read. */
  readonly instanceId: string | undefined;
  /** Of the orchestrator; undefined where the message does not tell. */
  readonly name: string | undefined;
  /** Of the timer in the history of its instance. */
  readonly taskEventId: number | undefined;
}

export interface DueTimers {
  /** What is due first comes first. */
  readonly timers: readonly DueTimer[];
  readonly source: 'queues' | 'histories';
  /** How many instances were looked at; undefined where the queues tell. */
  readonly instancesSeen: number | undefined;
  /** False when there are, or may be, more. */
  readonly isComplete: boolean;
}

export type TimerSources = Pick<
  TaskHubClientBackend,
  'readBacklog' | 'peekMessages' | 'findInstance' | 'listInstances' | 'readHistory'
>;

const OPEN: readonly RuntimeStatus[] = ['Running', 'Suspended', 'Pending', 'ContinuedAsNew'];
const MAX_INSTANCES = 100;
/** A page may hold little of what was looked at for it. */
const MAX_PAGES = 10;
/** Of all histories together; the one that reaches it is read to its end. */
const MAX_EVENTS = 20_000;
const AT_ONCE = 8;

/** @param how.count of timers. */
export async function dueTimers(
  sources: TimerSources,
  how: { readonly count: number; readonly nowMs: number },
): Promise<DueTimers> {
  return (await timersOfQueues(sources, how.count)) ?? (await timersOfHistories(sources, how));
}

async function timersOfQueues(
  sources: TimerSources,
  count: number,
): Promise<DueTimers | undefined> {
  const { controlQueues, workItems } = await sources.readBacklog();
  const queues = await Promise.all(
    // One more, to see whether there are more.
    [...controlQueues, workItems].map(({ name: queue }) =>
      sources.peekMessages({ queue, count: count + 1, isDue: true }),
    ),
  );
  if (queues.includes(undefined)) return undefined;
  const all = queues.flatMap((messages) => messages?.map(timerOf) ?? []).sort(byDueTime);
  return {
    timers: await ofLiving(sources, all.slice(0, count)),
    source: 'queues',
    instancesSeen: undefined,
    isComplete: all.length <= count,
  };
}

/** Without those of instances that have ended, which ring for nobody; with the names of the others. */
async function ofLiving(
  sources: Pick<TimerSources, 'findInstance'>,
  timers: readonly DueTimer[],
): Promise<readonly DueTimer[]> {
  const ids = new Set(
    timers.flatMap(({ kind, instanceId }) =>
      kind === 'timer' && instanceId !== undefined ? [instanceId] : [],
    ),
  );
  const records = new Map<string, InstanceRecord>();
  await atMost(AT_ONCE, [...ids], async (instanceId) => {
    const record = await sources.findInstance(toInstanceId(instanceId), { namesLost: true });
    if (record) records.set(instanceId, record);
  });
  return timers.flatMap((timer) => {
    const { kind, instanceId = '', name } = timer;
    const record = kind === 'timer' ? records.get(instanceId) : undefined;
    if (record === undefined) return [timer];
    return isTerminal(record.runtimeStatus) ? [] : [{ ...timer, name: name ?? record.name }];
  });
}

function timerOf(message: QueuedMessage): DueTimer {
  const { dueTime, dequeueCount, eventType, instanceId, taskEventId, name } = message;
  const isStart = eventType === 'ExecutionStarted';
  const kind =
    dequeueCount > 0
      ? 'retry'
      : isStart
        ? 'start'
        : eventType === 'EventRaised'
          ? 'signal'
          : 'timer';
  return {
    dueTime: dueTime ?? '',
    kind,
    instanceId: instanceId ?? undefined,
    name: isStart ? (name ?? undefined) : undefined,
    taskEventId: taskEventId ?? undefined,
  };
}

async function timersOfHistories(
  sources: TimerSources,
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
): Promise<DueTimers> {
  const records: InstanceRecord[] = [];
  const isListComplete = await lookAtInstances(
    (query) => sources.listInstances(query),
    { runtimeStatuses: OPEN },
    { instances: MAX_INSTANCES, pages: MAX_PAGES },
    (record) => records.push(record),
  );
  let events = 0;
  let skipped = 0;
  const found = await atMost(AT_ONCE, records, async (record): Promise<readonly DueTimer[]> => {
    const { instanceId, name, scheduledStartTime, runtimeStatus } = record;
    if (runtimeStatus === 'Pending') {
      return scheduledStartTime !== null && Date.parse(scheduledStartTime) > nowMs
        ? [{ dueTime: scheduledStartTime, kind: 'start', instanceId, name, taskEventId: undefined }]
        : [];
    }
    if (events >= MAX_EVENTS) {
      skipped += 1;
      return [];
    }
    const history = await sources.readHistory(instanceId, { namesLost: true });
    events += history.length;
    return openTimersOf(history).map(({ FireAt, EventId }) => ({
      dueTime: FireAt,
      kind: 'timer',
      instanceId,
      name,
      taskEventId: EventId,
    }));
  });
  const timers = found.flat().sort(byDueTime);
  return {
    timers: timers.slice(0, count),
    source: 'histories',
    instancesSeen: records.length - skipped,
    isComplete: isListComplete && skipped === 0 && timers.length <= count,
  };
}

function byDueTime(a: DueTimer, b: DueTimer): number {
  return Date.parse(a.dueTime) - Date.parse(b.dueTime);
}

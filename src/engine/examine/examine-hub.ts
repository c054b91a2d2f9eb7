/**
 * Looks for instances of a hub that will not go on by themselves, by comparing rows with histories, and parents with children: what a
 * crash, a lost message or a hand in storage left behind. Only looks; each finding that can be mended knows how.
 *
 * What was written lately belongs to an instance that is alive, and is left alone. Repairs send what was lost once more, or write a row
 * from its history: where that was not lost after all, it is known again and dropped.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import type {
  HistoryEvent,
  SubOrchestrationInstanceCreatedEvent,
} from '../../core/history-event.ts';
import { toInstanceId, type InstanceId } from '../../core/ids.ts';
import type { InstanceRecord, RuntimeStatus } from '../../core/instance-status.ts';
import { OrchestrationState } from '../../core/orchestration-state.ts';
import { answerToParent } from '../../core/outbox.ts';
import type { QueueBacklog } from '../../core/hub-backlog.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import { versionMismatch } from '../../core/versioning.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { examineMessages } from './examine-messages.ts';
import { examineReplays } from './examine-replays.ts';
import { examineStrays } from './examine-strays.ts';
import type { ExamineOptions, Finding } from './finding.ts';
import { repairInstance } from './repair-instance.ts';
import { unownedPartitions } from './unowned-partitions.ts';

const PAGE_SIZE = 50;
const STATUSES: readonly RuntimeStatus[] = ['Pending', 'Running', 'Suspended', 'ContinuedAsNew'];

/** All that is found, one after the other; the hub itself first. */
export async function* examineHub(options: ExamineOptions): AsyncGenerator<Finding> {
  const { backend } = options;
  const { processes, controlQueues, workItems } = await backend.readBacklog();
  const isWorkedOn = processes > 0;
  const waiting = [...controlQueues, workItems].reduce((sum, queue) => sum + queue.waiting, 0);
  if (!isWorkedOn) {
    const problem = `Nobody works on the hub, and ${waiting} messages wait. What only a worker can be late with is not looked for.`;
    yield { kind: 'nobodyWorks', instanceId: null, problem, repair: undefined };
  } else {
    yield* examinePartitions(options, controlQueues);
  }
  yield* examinePoison(backend);
  yield* examineMessages(options, [...controlQueues, workItems]);
  yield* examineInstances(options, isWorkedOn);
  yield* examineStrays(options);
  if (options.replays !== undefined) yield* examineReplays(options, options.replays);
}

async function* examinePartitions(
  { backend, relookMs }: ExamineOptions,
  queues: readonly QueueBacklog[],
): AsyncGenerator<Finding> {
  for (const { name, waiting } of await unownedPartitions(backend, queues, relookMs)) {
    const problem = `No live worker owns the partition '${name}', and ${waiting} messages wait in it. Others work on the hub: their logs say why they do not take it; a restart of one has it look again.`;
    yield { kind: 'unownedPartition', instanceId: null, problem, repair: undefined };
  }
}

async function* examinePoison(backend: TaskHubClientBackend): AsyncGenerator<Finding> {
  let continuationToken: string | undefined;
  do {
    const page = await backend.listPoison({ pageSize: PAGE_SIZE, continuationToken });
    for (const { id, instanceId, reason } of page.messages) {
      const problem = `The message '${id}' is set aside: ${reason} See func durable poison.`;
      yield { kind: 'poison', instanceId, problem, repair: undefined };
    }
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
}

async function* examineInstances(
  options: ExamineOptions,
  isWorkedOn: boolean,
): AsyncGenerator<Finding> {
  const { backend, ambient, quietMs } = options;
  let continuationToken: string | undefined;
  do {
    const page = await backend.listInstances({
      runtimeStatuses: STATUSES,
      lastUpdatedTo: new Date(ambient.now() - quietMs),
      excludeEntities: true,
      pageSize: PAGE_SIZE,
      includeInput: false,
      includeOutput: false,
      ...(continuationToken === undefined ? {} : { continuationToken }),
    });
    for (const record of page.instances) yield* examineOne(options, record, isWorkedOn);
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
}

async function* examineOne(
  options: ExamineOptions,
  record: InstanceRecord,
  isWorkedOn: boolean,
): AsyncGenerator<Finding> {
  const { backend, ambient, log, taskHub, quietMs } = options;
  const { instanceId, runtimeStatus } = record;
  const stored = await stateOf(backend, instanceId);
  if (stored instanceof CorruptMessageError) {
    const problem = `Its history cannot be read: ${stored.message} It goes on when that is mended; or purge it.`;
    yield { kind: 'unreadableHistory', instanceId, problem, repair: undefined };
    return;
  }
  const oldestMs = ambient.now() - quietMs;
  if (stored.started === undefined) {
    const isDue = Date.parse(record.scheduledStartTime ?? record.createdTime) < oldestMs;
    if (isWorkedOn && isDue) {
      const problem = `It is ${runtimeStatus} since ${record.createdTime} and has no history: its start message may be lost. Restart it.`;
      yield { kind: 'neverStarted', instanceId, problem, repair: undefined };
    }
    return;
  }
  const isOfThis = record.executionId?.toLowerCase() === stored.executionId?.toLowerCase();
  if (stored.isTerminal) {
    if (!isOfThis) return;
    const problem = `Its row says ${runtimeStatus}, and its history ${stored.runtimeStatus}.`;
    const repair = async (): Promise<void> => {
      const now = new Date(ambient.now()).toISOString();
      await repairInstance(backend, stored, { log, taskHub, now }, record);
    };
    yield { kind: 'wrongRow', instanceId, problem, repair };
    return;
  }
  const mismatch = versionMismatch(stored.started.Version, options.versioning);
  if (mismatch !== undefined) {
    const problem = `${mismatch} It goes on where a worker of its version is.`;
    yield { kind: 'otherVersion', instanceId, problem, repair: undefined };
  }
  if (!isWorkedOn) return;
  for (const event of stored.events) {
    if (event.EventType === 'TimerCreated') {
      if (stored.hasAnswered(event.EventId) || Date.parse(event.FireAt) >= oldestMs) continue;
      const problem = `Its timer ${event.EventId} was due at ${event.FireAt} and has not fired: its message may be lost.`;
      const message = timerMessage(stored, event);
      yield { kind: 'lateTimer', instanceId, problem, repair: () => backend.sendMessage(message) };
    } else if (event.EventType === 'SubOrchestrationInstanceCreated') {
      const isOpen = !stored.hasAnswered(event.EventId) && Date.parse(event.Timestamp) < oldestMs;
      if (isOpen) yield* examineChild(options, stored, event);
    }
  }
}

/** A sub-orchestration that its parent waits for. */
async function* examineChild(
  { backend, ambient, quietMs }: ExamineOptions,
  parent: OrchestrationState,
  { EventId, InstanceId, Name }: SubOrchestrationInstanceCreatedEvent,
): AsyncGenerator<Finding> {
  const { instanceId } = parent;
  const childId = toInstanceId(InstanceId);
  const child = await stateOf(backend, childId);
  if (child instanceof CorruptMessageError) return;
  const { started, completed, executionId } = child;
  const caller = started?.ParentInstance;
  const isChild =
    caller?.OrchestrationInstance.InstanceId === instanceId && caller.TaskScheduleId === EventId;
  if (!isChild) {
    const row = await backend.findInstance(childId);
    if (row?.parentInstanceId === instanceId) return;
    const problem = `It waits for '${InstanceId}' (${Name}), which is not there: the message that starts it may be lost, or it was purged. Terminate or rewind it.`;
    yield { kind: 'lostChild', instanceId, problem, repair: undefined };
    return;
  }
  const isLongOver = Date.parse(completed?.Timestamp ?? '') < ambient.now() - quietMs;
  if (started === undefined || completed === undefined || executionId === undefined) return;
  if (!isLongOver) return;
  const now = new Date(ambient.now()).toISOString();
  const from = {
    instanceId: childId,
    executionId,
    started,
    episode: child.episodes,
    now,
    newId: () => ambient.newId(),
  };
  const answer = answerToParent(from, completed, null);
  if (answer === undefined) return;
  const problem = `It waits for '${InstanceId}' (${Name}), which is ${child.runtimeStatus}: the message that tells it may be lost.`;
  yield { kind: 'untoldEnd', instanceId, problem, repair: () => backend.sendMessage(answer) };
}

/** The fold of what is stored; the error where that cannot be read. */
async function stateOf(
  backend: TaskHubClientBackend,
  instanceId: InstanceId,
): Promise<OrchestrationState | CorruptMessageError> {
  try {
    const state = new OrchestrationState(instanceId);
    for (const event of await backend.readHistory(instanceId)) state.append(event);
    return state;
  } catch (error) {
    if (error instanceof CorruptMessageError) return error;
    throw error;
  }
}

function timerMessage(
  { instanceId, executionId, episodes }: OrchestrationState,
  { EventId, FireAt, Timestamp }: Extract<HistoryEvent, { EventType: 'TimerCreated' }>,
): TaskMessage {
  return {
    event: {
      EventType: 'TimerFired',
      EventId: -1,
      IsPlayed: false,
      Timestamp,
      TimerId: EventId,
      FireAt,
    },
    target: { instanceId, executionId: executionId ?? null },
    sender: { instanceId, executionId: executionId ?? '' },
    episode: episodes,
  };
}

/**
 * Terminate, suspend, resume and purge for an instance with all sub-orchestrations below it, on request only: the .NET
 * extension has no such thing and leaves children alone. Children are found in the histories of their parents.
 *
 * T1 Parents before children: an instance that is over, or suspended, starts no more children, so none escapes.
 * T2 A purge goes the other way, so that what is left after a crash is still found from the root; it is noted before it begins, and a
 *    worker goes on with it (purge-resumer.ts).
 * T3 Everything may be asked for again: instances that are there already are only reported.
 * T4 Each instance passes the request on by itself, too (core/lifecycle/steer-children.ts), so that a crash of whoever asked
 *    stops it nowhere. The walk is for those that cannot, below one that is over, and for the report.
 *
 * Children of earlier generations (before a continue-as-new) are in no history any more and are not reached.
 */
import {
  BackendUnavailableError,
  InstanceNotFoundError,
  InstanceStateConflictError,
} from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { toInstanceId, type InstanceId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../../core/instance-status.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import type { Ambient } from '../ambient.ts';
import { askAgain, type Patience } from '../../base/ask-again.ts';
import { atMost } from '../../base/at-most.ts';
import type { TaskHubClientBackend, TreePurge } from '../backend.ts';
import { purgeInstance } from '../purge/purge-instances.ts';

export interface TreeInstance {
  readonly instanceId: InstanceId;
  /** `Purged` when the instance is gone; otherwise its status after the operation. */
  readonly status: RuntimeStatus | 'Purged';
}

export interface TreeReport {
  /** The root first, then level by level. */
  readonly instances: readonly TreeInstance[];
  /** False when some had not got there yet: their messages are sent, but no worker has processed them. */
  readonly isSettled: boolean;
}

/** What is to become of each instance of a tree. */
export interface Steering {
  /** Whether an instance with this status needs the message; finished ones never do. */
  readonly isNeeded: (status: RuntimeStatus) => boolean;
  readonly message: (instanceId: InstanceId) => TaskMessage;
}

interface Deps {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
}

interface Reference {
  readonly instanceId: InstanceId;
  readonly parentId: InstanceId | undefined;
  /** Whether the parent has its answer; then it did exist. */
  readonly hasAnswered: boolean;
}

interface Node {
  readonly record: InstanceRecord;
  readonly children: readonly Reference[];
}

const AT_ONCE = 8;
/** Of a row that changes each time, and says that its instance is over. */
const MAX_PURGE_ATTEMPTS = 3;
/** Who is below whom can be seen without payloads. */
const SHOWN = { namesLost: true };
/** How long the whole operation waits for workers to act on its messages. */
const MAX_WAIT_MS = 5_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * @param signal ends the waiting for workers, not the walk: what was asked for reaches every instance.
 * @throws {InstanceNotFoundError} for an unknown root.
 */
export async function steerTree(
  deps: Deps,
  rootId: InstanceId,
  steering: Steering,
  signal?: AbortSignal,
): Promise<TreeReport> {
  const patience: Patience = {
    now: () => deps.ambient.now(),
    deadlineMs: deps.ambient.now() + MAX_WAIT_MS,
    firstPauseMs: FIRST_PAUSE_MS,
    longestPauseMs: LONGEST_PAUSE_MS,
    signal,
  };
  const steer = async (record: InstanceRecord): Promise<InstanceRecord> => {
    const isOpen = ({ runtimeStatus }: InstanceRecord): boolean =>
      !isTerminal(runtimeStatus) && steering.isNeeded(runtimeStatus);
    if (!isOpen(record)) return record;
    await deps.backend.sendMessage(steering.message(record.instanceId));
    const { instanceId } = record;
    const find = async (): Promise<InstanceRecord | undefined> => {
      const found = await deps.backend.findInstance(instanceId);
      return found && isOpen(found) ? undefined : (found ?? record);
    };
    return (await askAgain(find, patience)) ?? record;
  };
  const nodes = (await walk(deps, rootId, patience, steer)).flat();
  return {
    instances: nodes.map(({ record }) => ({
      instanceId: record.instanceId,
      status: record.runtimeStatus,
    })),
    isSettled: nodes.every(
      ({ record: { runtimeStatus } }) =>
        isTerminal(runtimeStatus) || !steering.isNeeded(runtimeStatus),
    ),
  };
}

/**
 * Should it break off, a worker goes on with it: what is left is found from the root, which goes last.
 * @param check throws for an instance that may not be purged; then nothing is, unless it goes on since the purge began.
 * @param signal breaks it off.
 * @throws {InstanceNotFoundError} for an unknown root.
 */
export async function purgeTree(
  deps: Deps,
  rootId: InstanceId,
  check: (record: InstanceRecord) => void,
  signal?: AbortSignal,
): Promise<TreeReport> {
  const { backend } = deps;
  const levels = await walk(deps, rootId, undefined, (record) => {
    signal?.throwIfAborted();
    return Promise.resolve(record);
  });
  const nodes = levels.flat();
  for (const { record } of nodes) check(record);
  // One instance alone is found again as it is.
  const [root, ...below] = nodes;
  const purge = below.length > 0 ? root?.record : undefined;
  if (purge !== undefined) await backend.notePurge(noteOf(purge));
  try {
    for (const level of [...levels].reverse()) {
      await atMost(AT_ONCE, level, async ({ record }) => {
        signal?.throwIfAborted();
        await purgeAsFound(backend, record, check);
      });
    }
  } catch (error) {
    const isOver = error instanceof InstanceStateConflictError;
    if (purge !== undefined && isOver) await backend.forgetPurge(noteOf(purge));
    throw error;
  }
  if (purge !== undefined) await forget(backend, purge);
  return {
    instances: nodes.map(({ record }) => ({ instanceId: record.instanceId, status: 'Purged' })),
    isSettled: true,
  };
}

/** All is gone: a worker that finds the note sees that. */
async function forget(backend: TaskHubClientBackend, root: InstanceRecord): Promise<void> {
  try {
    await backend.forgetPurge(noteOf(root));
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error;
  }
}

function noteOf({ instanceId, executionId }: InstanceRecord): TreePurge {
  return { instanceId, executionId };
}

/**
 * What was started anew since is no part of the tree any more, and stays.
 * @throws {InstanceStateConflictError} for one that goes on.
 */
async function purgeAsFound(
  backend: TaskHubClientBackend,
  record: InstanceRecord,
  check: (record: InstanceRecord) => void,
): Promise<void> {
  const { instanceId, executionId } = record;
  let found = record;
  for (let attempt = 1; attempt <= MAX_PURGE_ATTEMPTS; attempt++) {
    if ((await purgeInstance(backend, instanceId, found)) !== undefined) return;
    const now = await backend.findInstance(instanceId);
    if (now === undefined || now.executionId !== executionId) return;
    check(now);
    found = now;
  }
  throw new InstanceStateConflictError(
    instanceId,
    found.runtimeStatus,
    `The orchestration with instance ID ${instanceId} changes while it is to be purged, as it is being rewound: it stays, with all above it. Purge it when that is over.`,
  );
}

/**
 * Visits a tree level by level; the children of an instance are looked up after its visit.
 * @param patience for children whose start may still be on the way; undefined waits for none.
 */
async function walk(
  deps: Deps,
  rootId: InstanceId,
  patience: Patience | undefined,
  visit: (record: InstanceRecord) => Promise<InstanceRecord>,
): Promise<readonly (readonly Node[])[]> {
  const levels: Node[][] = [];
  const seen = new Set<InstanceId>([rootId]);
  let level: readonly Reference[] = [
    { instanceId: rootId, parentId: undefined, hasAnswered: false },
  ];
  while (level.length > 0) {
    const found = await atMost(AT_ONCE, level, async (reference) => {
      const record = await findNode(deps, reference, patience);
      if (!record) return undefined;
      const visited = await visit(record);
      const history = await deps.backend.readHistory(record.instanceId, SHOWN);
      return { record: visited, children: childrenOf(record.instanceId, history) };
    });
    const reached = found.filter((node) => node !== undefined);
    levels.push(reached);
    level = reached
      .flatMap(({ children }) => children)
      .filter(({ instanceId }) => {
        const isNew = !seen.has(instanceId);
        seen.add(instanceId);
        return isNew;
      });
  }
  return levels;
}

/** The row of a child; undefined when it is gone, or its id belongs to an instance with another parent. */
async function findNode(
  { backend }: Deps,
  { instanceId, parentId, hasAnswered }: Reference,
  patience: Patience | undefined,
): Promise<InstanceRecord | undefined> {
  if (parentId === undefined) {
    const root = await backend.findInstance(instanceId);
    if (!root) throw new InstanceNotFoundError(instanceId);
    return root;
  }
  const read = async (): Promise<readonly HistoryEvent[] | undefined> => {
    const history = await backend.readHistory(instanceId, SHOWN);
    return history.length > 0 ? history : undefined;
  };
  // Its start may still be on the way.
  const asks = <Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> =>
    hasAnswered || patience === undefined ? ask() : askAgain(ask, patience);
  const history = await asks(read);
  const started = history?.find(({ EventType }) => EventType === 'ExecutionStarted');
  if (started?.EventType !== 'ExecutionStarted') {
    return patience === undefined ? await findLeftRow(backend, instanceId, parentId) : undefined;
  }
  if (started.ParentInstance?.OrchestrationInstance.InstanceId !== parentId) return undefined;
  return await asks(() => backend.findInstance(instanceId));
}

/** Of a purge that broke off the row may be left, without its history. What was below it is gone: that went first. */
async function findLeftRow(
  backend: TaskHubClientBackend,
  instanceId: InstanceId,
  parentId: InstanceId,
): Promise<InstanceRecord | undefined> {
  const row = await backend.findInstance(instanceId);
  return row?.parentInstanceId === parentId && isTerminal(row.runtimeStatus) ? row : undefined;
}

function childrenOf(parentId: InstanceId, history: readonly HistoryEvent[]): readonly Reference[] {
  const answered = new Set(
    history.flatMap((event) =>
      event.EventType === 'SubOrchestrationInstanceCompleted' ||
      event.EventType === 'SubOrchestrationInstanceFailed'
        ? [event.TaskScheduledId]
        : [],
    ),
  );
  return history.flatMap((event) =>
    event.EventType === 'SubOrchestrationInstanceCreated'
      ? [
          {
            instanceId: toInstanceId(event.InstanceId),
            parentId,
            hasAnswered: answered.has(event.EventId),
          },
        ]
      : [],
  );
}

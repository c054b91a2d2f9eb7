/**
 * One work item of an entity: take the requests that arrived, run them in batches, commit once. Mirrors TaskEntityDispatcher.
 *
 * E1 An operation that fails, or a message that no entity understands, never keeps the others from running.
 * E2 The state stays in memory between messages: a signal reads nothing. Before anything leaves, it is compared with what is
 *    stored. A session whose commit failed is thrown away whole: its sorter has changed.
 * E3 A long queue is worked off in several work items, so that other instances get their turn and callers their answers.
 * E4 Who gets the lock is stored before anybody is told.
 */
import {
  answerCaller,
  applyBatch,
  entityCommit,
  nextStep,
} from '../../core/entity/decide-entity.ts';
import { parseEntityId } from '../../core/entity/entity-id.ts';
import { continueMessage, type EntityContext } from '../../core/entity/entity-message.ts';
import { applyLock, reserveLock } from '../../core/entity/lock.ts';
import { requestToPutBack } from '../../core/entity/put-back.ts';
import { receiveEvents } from '../../core/entity/receive-events.ts';
import { decodeSchedulerState, type SchedulerState } from '../../core/entity/scheduler-state.ts';
import { decodeRequest, type EntityRequest } from '../../core/entity/request-message.ts';
import type { OrchestrationCommit } from '../../core/commit.ts';
import { CorruptMessageError, SessionLostError } from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import type { InstanceId } from '../../core/ids.ts';
import { entityStartedEvent } from '../../core/lifecycle/lifecycle-events.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import {
  entityUnreadable,
  errorText,
  messageDiscarded,
  messageSetAside,
  sessionLost,
  workItemAbandoned,
} from '../../telemetry/log-events.ts';
import type { HubMetrics } from '../../telemetry/hub-metrics.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { Ambient } from '../ambient.ts';
import type {
  DeliveredMessage,
  HistoryToken,
  OrchestrationWorkItem,
  TaskHubBackend,
} from '../backend.ts';
import { type RefusedOperation, runEntityBatch } from './entity-batch.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import type { LifecycleNotifications } from '../lifecycle-notifications.ts';
import { LeftToOthersError, type OtherWorkers } from '../other-workers.ts';
import type { FailedTries } from '../poison/failed-tries.ts';
import { pause } from '../../base/pause.ts';
import { SessionCache } from '../session.ts';

export interface EntityProcessorOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly others: OtherWorkers;
  readonly ambient: Ambient;
  readonly log: Logger;
  /** Told of entities that come to be. */
  readonly notifications: LifecycleNotifications | undefined;
  readonly taskHub: string;
  readonly tracing: Tracing;
  readonly metrics: HubMetrics;
  readonly maxBatchSize: number;
  /** Whether an operation that throws leaves nothing behind. */
  readonly undoesFailures: boolean;
  readonly reorderWindowMs: number;
  readonly sessionCacheBytes: number;
  readonly failedTries: FailedTries;
  /** Aborted when the worker drains: what is still queued is left for the next worker. */
  readonly draining: AbortSignal;
}

/** What the engine keeps of an entity between two of its messages. */
interface EntitySession {
  readonly instanceId: InstanceId;
  readonly epoch: number;
  readonly state: SchedulerState;
  readonly executionId: string | null;
  readonly token: HistoryToken | undefined;
  /** Characters of the stored state, and of what is known besides. */
  readonly length: number;
}

/** What a work item has come to, before it is stored. */
interface Decided {
  readonly state: SchedulerState;
  readonly outbox: readonly TaskMessage[];
  readonly refused: readonly RefusedOperation[];
}

/** A work item runs further batches for this long; then it commits and lets others run. */
const WORK_ITEM_MS = 1000;
/** A commit is tried so often, with growing pauses. */
const MAX_ATTEMPTS = 4;
/** An item whose session was lost is run again at once, on what is stored, so often. */
const MAX_RUNS = 3;
const PAUSE_MS = 200;
/** The stored text, and the objects that were read from it. */
const BYTES_PER_CHARACTER = 4;

export class EntityProcessor {
  readonly #options: EntityProcessorOptions;
  readonly #sessions: SessionCache<EntitySession>;
  /** Stands for this process in the states that it writes. */
  readonly #writer: string;

  constructor(options: EntityProcessorOptions) {
    this.#options = options;
    this.#sessions = new SessionCache(
      options.sessionCacheBytes,
      ({ length }) => length * BYTES_PER_CHARACTER,
    );
    this.#writer = options.ambient.newId();
  }

  async process(item: OrchestrationWorkItem): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { instanceId } = item;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#processOnce(item);
        return;
      } catch (error) {
        if (error instanceof CorruptMessageError) {
          await this.#answerUnread(item, error);
          return;
        }
        if (error instanceof LeftToOthersError) {
          await backend.abandonOrchestration(item, { leftTo: error.app });
          return;
        }
        const isLost = error instanceof SessionLostError;
        if (isLost) sessionLost(log, { taskHub, instanceId });
        else workItemAbandoned(log, { taskHub, instanceId, kind: 'entity' }, error);
        if (isLost && attempt < MAX_RUNS) continue;
        const triedOut = this.#options.failedTries.note(item.messages, error);
        if (triedOut.length > 0) await this.#giveUp(item, triedOut, error);
        else await backend.abandonOrchestration(item);
        return;
      }
    }
  }

  async #processOnce(item: OrchestrationWorkItem): Promise<void> {
    const { name } = parseEntityId(item.instanceId);
    const app = await this.#options.others.findApp('entity', name);
    if (app !== undefined) throw new LeftToOthersError('entity', name, app);
    const kept = this.#sessions.take(item);
    let session = kept ?? (await this.#open(item));
    let { state, outbox, refused } = await this.#decide(item, session);
    // What leaves cannot be taken back when the commit finds that somebody else wrote, or purged, the entity meanwhile.
    if (kept && outbox.length > 0) {
      const stored = await this.#open(item);
      if (stored.executionId !== session.executionId) {
        session = stored;
        ({ state, outbox, refused } = await this.#decide(item, session));
      }
    }
    // The commit forgets them.
    await this.#setAside(item, session, refused);
    const commit = entityCommit(state, outbox, this.#context(session));
    await this.#commit(item, session, commit, state);
  }

  /** @throws {CorruptMessageError} when the stored state cannot be read. */
  async #open({ instanceId, epoch }: OrchestrationWorkItem): Promise<EntitySession> {
    const { backend, reorderWindowMs } = this.#options;
    const { events, executionId, token } = await backend.loadHistory(instanceId);
    const input = storedInput(instanceId, events);
    return {
      instanceId,
      epoch,
      state: decodeSchedulerState(input, reorderWindowMs, this.#writer),
      executionId: executionId ?? null,
      token,
      length: input?.length ?? 0,
    };
  }

  /** Keeps operations that are not run, as they have ended the process too often; those who called are told by the commit. */
  async #setAside(
    item: OrchestrationWorkItem,
    session: EntitySession,
    refused: readonly RefusedOperation[],
  ): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { instanceId, messages } = item;
    const context = this.#context(session);
    const dequeueCount = Math.max(...messages.map((message) => message.dequeueCount));
    for (const { request, reason } of refused) {
      const { id, message: taken } = requestToPutBack(request, context);
      await backend.setAside([{ id: `taken-${id}`, taken, dequeueCount }], reason);
      const { EventType: eventType, EventId: taskEventId } = taken.event;
      messageSetAside(log, { taskHub, instanceId, eventType, taskEventId, reason });
    }
  }

  async #decide(item: OrchestrationWorkItem, session: EntitySession): Promise<Decided> {
    const context = this.#context(session);
    const events = item.messages.map(({ message }) => message.event);
    const received = receiveEvents(session.state, events, context);
    for (const { event, reason } of received.rejected) this.#logRejected(item, event, reason);
    const { state, outbox, refused } = await this.#run(received.state, context);
    return { state, outbox: [...received.outbox, ...outbox], refused };
  }

  /** Runs what may run, for a while. What is left waits for the message that the entity then sends itself. */
  async #run(received: SchedulerState, context: EntityContext): Promise<Decided> {
    const { ambient, draining, maxBatchSize } = this.#options;
    const endMs = ambient.now() + WORK_ITEM_MS;
    const outbox: TaskMessage[] = [];
    const refused: RefusedOperation[] = [];
    let state = received;
    let batches = 0;
    const isOver = (): boolean => draining.aborted || ambient.now() >= endMs;
    for (;;) {
      const step = nextStep(state, maxBatchSize);
      if (!step) return { state, outbox, refused };
      if (step.kind === 'operations' && batches > 0 && isOver()) {
        outbox.push(continueMessage(context));
        return { state, outbox, refused };
      }
      const now = { ...context, nowMs: ambient.now() };
      let applied;
      switch (step.kind) {
        case 'reserveLock': {
          const reserved = reserveLock(state, step.request, now);
          return { state: reserved.state, outbox: [...outbox, ...reserved.outbox], refused };
        }
        case 'lock':
          applied = applyLock(state, step.request, now);
          break;
        case 'operations': {
          batches++;
          const { instanceId } = context;
          const { requests } = step;
          const ran = await runEntityBatch(this.#options, instanceId, state, requests, isOver);
          refused.push(...ran.refused);
          const after = { ...now, nowMs: ambient.now() };
          applied = applyBatch(state, requests.slice(0, ran.count), ran.outcome, after);
          break;
        }
      }
      state = applied.state;
      outbox.push(...applied.outbox);
    }
  }

  async #commit(
    item: OrchestrationWorkItem,
    session: EntitySession,
    commit: OrchestrationCommit,
    state: SchedulerState,
  ): Promise<void> {
    const token = await this.#write(item, session, commit);
    if (session.token === undefined) this.#tellFirstStart(commit);
    this.#sessions.put({
      instanceId: item.instanceId,
      epoch: item.epoch,
      state,
      executionId: commit.executionId,
      token,
      length: (commit.instance?.input?.length ?? 0) + state.sorter.unstoredLength,
    });
  }

  /** Not told again after a crash: its messages are deleted at once, since none of them may run twice. */
  #tellFirstStart({ instanceId, executionId }: OrchestrationCommit): void {
    const { notifications, ambient } = this.#options;
    const now = new Date(ambient.now()).toISOString();
    void notifications?.publish([entityStartedEvent(instanceId, executionId, now)]);
  }

  /**
   * Writes the commit. When the answer is lost, history tells whether it was written: then the messages must not run again.
   * When it was not written, it is tried again for a while: what left tells of a state that nobody finds, and messages that
   * come meanwhile would overtake those of this commit.
   */
  async #write(
    item: OrchestrationWorkItem,
    session: EntitySession,
    commit: OrchestrationCommit,
  ): Promise<HistoryToken | undefined> {
    const { backend, draining } = this.#options;
    const messages = { consumed: item.messages, deferred: [], deletesFirst: true };
    const request = { commit, ...messages, runHere: [] };
    let { token } = session;
    for (let attempt = 1; ; attempt++) {
      try {
        return (await backend.commitOrchestration(item, { ...request, token })).token;
      } catch (error) {
        const stored = await backend.loadHistory(item.instanceId);
        if (isSameId(stored.executionId, commit.executionId)) {
          await backend.repairInstance(commit);
          await backend.settleOrchestration(item, messages);
          return stored.token;
        }
        const isLost =
          error instanceof SessionLostError || !isSameId(stored.executionId, session.executionId);
        if (isLost || commit.outbox.length === 0 || attempt === MAX_ATTEMPTS) throw error;
        // The state is what it was, but the failed write may have used the token up.
        token = stored.token;
        await pause(PAUSE_MS * attempt, draining);
      }
    }
  }

  /**
   * The stored state cannot be read: callers are told, since they would wait for ever; what nobody waits for is tried again, and set
   * aside after some tries, for when somebody has mended the state or purged the entity. The .NET extension tries it for ever.
   */
  async #answerUnread(item: OrchestrationWorkItem, problem: CorruptMessageError): Promise<void> {
    const { log, taskHub, failedTries } = this.#options;
    const { instanceId, messages } = item;
    entityUnreadable(log, { taskHub, instanceId }, problem);
    const triedOut = failedTries.note(messages, problem);
    const problemText = `The stored state of the entity '${instanceId}' cannot be read: ${problem.message} Purge the entity to begin anew.`;
    await this.#finish(item, { calls: messages, triedOut, problemText });
  }

  /** What was tried in vain often enough is set aside; who called is told. */
  async #giveUp(
    item: OrchestrationWorkItem,
    triedOut: readonly DeliveredMessage[],
    error: unknown,
  ): Promise<void> {
    const problemText = `The entity '${item.instanceId}' could not be run: ${errorText(error)}`;
    await this.#finish(item, { calls: triedOut, triedOut, problemText });
  }

  async #finish(
    item: OrchestrationWorkItem,
    {
      calls,
      triedOut,
      problemText,
    }: {
      /** Those are answered that are calls. */
      readonly calls: readonly DeliveredMessage[];
      readonly triedOut: readonly DeliveredMessage[];
      readonly problemText: string;
    },
  ): Promise<void> {
    const { backend, log, taskHub, ambient } = this.#options;
    const { instanceId } = item;
    const result = JSON.stringify(problemText);
    const context = {
      instanceId,
      executionId: null,
      nowMs: ambient.now(),
      newId: () => ambient.newId(),
    };
    try {
      const consumed = [...triedOut];
      if (triedOut.length > 0) await backend.setAside(triedOut, problemText);
      for (const delivered of calls) {
        const request = callOf(delivered.message.event);
        const answer = request && answerCaller(request, { isError: true, result }, context);
        if (!answer) continue;
        await backend.sendMessage(answer);
        if (!consumed.includes(delivered)) consumed.push(delivered);
      }
      const deferred = item.messages.filter((delivered) => !consumed.includes(delivered));
      await backend.settleOrchestration(item, { consumed, deferred });
      for (const { message } of triedOut) {
        const { EventType: eventType, EventId: taskEventId } = message.event;
        messageSetAside(log, { taskHub, instanceId, eventType, taskEventId, reason: problemText });
      }
    } catch (error) {
      workItemAbandoned(log, { taskHub, instanceId, kind: 'entity' }, error);
      await backend.abandonOrchestration(item);
    }
  }

  #context({ instanceId, executionId }: EntitySession): EntityContext {
    const { ambient } = this.#options;
    return { instanceId, executionId, nowMs: ambient.now(), newId: () => ambient.newId() };
  }

  #logRejected({ instanceId }: OrchestrationWorkItem, event: HistoryEvent, reason: string): void {
    const { log, taskHub } = this.#options;
    const { EventType: eventType, EventId: taskEventId } = event;
    messageDiscarded(log, { taskHub, instanceId, eventType, taskEventId, reason });
  }
}

/** An orchestration may have been started under an id that looks like an entity's: its input is no state. */
function storedInput(instanceId: InstanceId, events: readonly HistoryEvent[]): string | null {
  const started = events.find(({ EventType }) => EventType === 'ExecutionStarted');
  return started?.EventType === 'ExecutionStarted' && started.Name === instanceId
    ? started.Input
    : null;
}

function isSameId(one: string | null | undefined, other: string | null | undefined): boolean {
  return (one ?? '').toLowerCase() === (other ?? '').toLowerCase();
}

/** undefined for events that are no requests. */
function callOf(event: HistoryEvent): EntityRequest | undefined {
  if (event.EventType !== 'EventRaised' || !event.Name.startsWith('op')) return undefined;
  try {
    return decodeRequest(event.Input);
  } catch (error) {
    if (error instanceof CorruptMessageError) return undefined;
    throw error;
  }
}

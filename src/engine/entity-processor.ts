/**
 * One work item of an entity: take the requests that arrived, run them in batches, commit once. Mirrors TaskEntityDispatcher.
 * An operation that fails, or a message that no entity understands, never keeps the others from running.
 */
import {
  applyBatch,
  entityCommit,
  receiveEvents,
  type BatchOutcome,
  type EntityContext,
} from '../core/entity/decide-entity.ts';
import { parseEntityId } from '../core/entity/entity-id.ts';
import { decodeSchedulerState, type SchedulerState } from '../core/entity/scheduler-state.ts';
import type { EntityRequest } from '../core/entity/request-message.ts';
import { SessionLostError } from '../core/errors.ts';
import type { InstanceId } from '../core/ids.ts';
import { ReplayFailure } from '../core/replay-actions/scope.ts';
import type { TaskMessage } from '../core/task-message.ts';
import {
  functionFailed,
  messageDiscarded,
  sessionLost,
  workItemAbandoned,
} from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Ambient } from './ambient.ts';
import type { HistoryToken, OrchestrationWorkItem, TaskHubBackend } from './backend.ts';
import { checkFunction } from './function-directory.ts';
import type { FunctionInvoker } from './function-invoker.ts';

export interface EntityProcessorOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  readonly maxBatchSize: number;
  readonly reorderWindowMs: number;
}

interface EntitySession {
  readonly state: SchedulerState;
  readonly executionId: string | null;
  readonly token: HistoryToken | undefined;
}

export class EntityProcessor {
  readonly #options: EntityProcessorOptions;

  constructor(options: EntityProcessorOptions) {
    this.#options = options;
  }

  async process(item: OrchestrationWorkItem): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { instanceId } = item;
    try {
      const session = await this.#open(instanceId);
      const context: EntityContext = {
        instanceId,
        executionId: session.executionId,
        nowMs: this.#options.ambient.now(),
        newId: () => this.#options.ambient.newId(),
      };
      const received = receiveEvents(
        session.state,
        item.messages.map(({ message }) => message.event),
        context,
      );
      for (const { event, reason } of received.rejected) {
        messageDiscarded(log, {
          taskHub,
          instanceId,
          eventType: event.EventType,
          taskEventId: event.EventId,
          reason,
        });
      }
      const { state, outbox } = await this.#runAll(received.state, context);
      await backend.commitOrchestration(item, {
        token: session.token,
        commit: entityCommit(state, [...received.outbox, ...outbox], context),
        consumed: item.messages,
        deferred: [],
        runHere: [],
      });
    } catch (error) {
      if (error instanceof SessionLostError) sessionLost(log, { taskHub, instanceId });
      else workItemAbandoned(log, { taskHub, instanceId, kind: 'entity' }, error);
      await backend.abandonOrchestration(item);
    }
  }

  async #open(instanceId: InstanceId): Promise<EntitySession> {
    const { backend, reorderWindowMs } = this.#options;
    const stored = await backend.loadHistory(instanceId);
    const started = stored.events.find(({ EventType }) => EventType === 'ExecutionStarted');
    const input = started?.EventType === 'ExecutionStarted' ? started.Input : null;
    return {
      state: decodeSchedulerState(input, reorderWindowMs),
      executionId: stored.executionId ?? null,
      token: stored.token,
    };
  }

  async #runAll(
    received: SchedulerState,
    context: EntityContext,
  ): Promise<{ readonly state: SchedulerState; readonly outbox: readonly TaskMessage[] }> {
    let state = received;
    const outbox: TaskMessage[] = [];
    while (state.queue.length > 0 && state.lockedBy === null) {
      const batch = state.queue.slice(0, this.#options.maxBatchSize);
      const outcome = await this.#runBatch(state, batch, context.instanceId);
      const applied = applyBatch(state, batch, outcome, context);
      state = applied.state;
      outbox.push(...applied.outbox);
    }
    return { state, outbox };
  }

  async #runBatch(
    state: SchedulerState,
    batch: readonly EntityRequest[],
    instanceId: InstanceId,
  ): Promise<BatchOutcome> {
    const { invoker, log, taskHub } = this.#options;
    const { name, key } = parseEntityId(instanceId);
    const allFailed = (reason: string): BatchOutcome => {
      functionFailed(log, {
        taskHub,
        instanceId,
        functionName: name,
        functionType: 'Entity',
        reason,
      });
      return {
        exists: state.exists,
        state: state.state,
        results: batch.map(() => ({ isError: true, result: JSON.stringify(reason) })),
        signals: [],
      };
    };
    try {
      checkFunction(invoker.functions, 'entity', name);
    } catch (error) {
      if (!(error instanceof ReplayFailure)) throw error;
      return allFailed(error.message);
    }
    const outcome = await invoker.runEntity({
      entityName: name,
      entityKey: key,
      exists: state.exists,
      state: state.state,
      operations: batch.map((request) => ({
        id: request.id,
        name: request.operation ?? '',
        input: request.input,
        isSignal: request.isSignal,
      })),
    });
    return outcome.kind === 'failed' ? allFailed(outcome.message) : outcome;
  }
}

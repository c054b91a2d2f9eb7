/**
 * The sessions of orchestrations: finds the one of a work item, kept or read from storage, and judges the item's messages by it.
 *
 * Only a commit proves that a session is what is stored. So no message is deferred or discarded for what a session says that was
 * kept from another item, unless storage says that nobody wrote since.
 */
import { OrchestrationExecution, type ReplayRules } from '../../core/orchestration-execution.ts';
import type { HubMetrics } from '../../telemetry/hub-metrics.ts';
import { admitMessages, type AdmittedMessages } from './admit-messages.ts';
import type { Ambient } from '../ambient.ts';
import type { LoadedHistory, OrchestrationWorkItem, TaskHubBackend } from '../backend.ts';
import type { KeptOrchestrator } from './kept-orchestrator.ts';
import { orchestrationSessionBytes, SessionCache, type OrchestrationSession } from '../session.ts';

export interface OrchestrationSessionsOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly sessionCacheBytes: number;
  readonly metrics: HubMetrics;
  readonly rules: ReplayRules;
  /** Makes the orchestrator of an execution that was read from storage. */
  readonly openOrchestrator: (execution: OrchestrationExecution) => KeptOrchestrator;
}

export interface JudgedItem {
  readonly session: OrchestrationSession;
  readonly admitted: AdmittedMessages;
}

export class OrchestrationSessions {
  readonly #options: OrchestrationSessionsOptions;
  readonly #kept: SessionCache<OrchestrationSession>;

  constructor(options: OrchestrationSessionsOptions) {
    this.#options = options;
    this.#kept = new SessionCache(options.sessionCacheBytes, orchestrationSessionBytes, letGo);
  }

  /**
   * The session of an item, taken out of the cache, and what its messages are to it.
   * @param isRepeated whether the session of the item was lost: what is kept, or promised, of its history is wrong.
   */
  async judge(item: OrchestrationWorkItem, isRepeated: boolean): Promise<JudgedItem> {
    const kept = this.#kept.take(item);
    const isNew = item.messages.some(({ hasNoHistory }) => hasNoHistory);
    if (!isNew) this.#options.metrics.sessionLookup(kept ? 'hit' : 'miss');
    if (isRepeated || (!kept && !isNew)) {
      if (kept) letGo(kept);
      return this.#read(item);
    }
    const session = kept ?? this.#open(item, undefined);
    const admitted = await this.#admit(session, item);
    const isInDoubt = admitted.deferred.length > 0 || admitted.discarded.length > 0;
    if (!isInDoubt || (await this.#isCurrent(session))) return { session, admitted };
    letGo(session);
    return this.#read(item);
  }

  /** Keeps a session for the next item. */
  put(session: OrchestrationSession): void {
    this.#kept.put(session);
  }

  async #read(item: OrchestrationWorkItem): Promise<JudgedItem> {
    const session = this.#open(item, await this.#options.backend.loadHistory(item.instanceId));
    return { session, admitted: await this.#admit(session, item) };
  }

  async #isCurrent({ instanceId, token }: OrchestrationSession): Promise<boolean> {
    return token !== undefined && (await this.#options.backend.isCurrent(instanceId, token));
  }

  #open(
    { instanceId, epoch }: OrchestrationWorkItem,
    stored: LoadedHistory | undefined,
  ): OrchestrationSession {
    const execution = this.#revive(instanceId, stored);
    return {
      instanceId,
      epoch,
      execution,
      orchestrator: execution && this.#options.openOrchestrator(execution),
      token: stored?.token,
      isLoaded: true,
      isUnfinished: stored?.isUnfinished ?? false,
      rowWrittenMs: 0,
      rowCustomStatus: undefined,
    };
  }

  #revive(
    instanceId: OrchestrationWorkItem['instanceId'],
    { events }: Pick<LoadedHistory, 'events'> = { events: [] },
  ): OrchestrationExecution | undefined {
    if (!events.some(({ EventType }) => EventType === 'ExecutionStarted')) return undefined;
    const execution = new OrchestrationExecution(instanceId, events, this.#options.rules);
    execution.committedCount = events.length;
    return execution;
  }

  #admit(session: OrchestrationSession, item: OrchestrationWorkItem): Promise<AdmittedMessages> {
    const { backend, ambient } = this.#options;
    return admitMessages(session.execution?.state, item.messages, {
      backend,
      now: new Date(ambient.now()).toISOString(),
    });
  }
}

function letGo({ orchestrator }: OrchestrationSession): void {
  orchestrator?.close();
}

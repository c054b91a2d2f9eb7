/**
 * Runs today's code of an orchestrator over the history that is stored of an instance, to see whether it would go on with it: after a
 * change of the code, and before it is too late. Stores nothing, sends nothing, runs no activity, and writes no outputs; the code of
 * the orchestrator itself runs, with the hooks of the app.
 */
import { Slots } from '../../base/slots.ts';
import {
  compareReplay,
  shownHistory,
  type ComparedReplay,
  type DifferingStep,
} from '../../core/compare-replay.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { isEntityId, toInstanceId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../../core/instance-status.ts';
import { OrchestrationExecution } from '../../core/orchestration-execution.ts';
import type { EventFeed } from '../../core/replay/event-feed.ts';
import { ReplayFailure } from '../../core/replay/replay-failure.ts';
import { versionMismatch } from '../../core/versioning.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { checkFunction, checkRuns, hasFunction, type FunctionKind } from '../function-directory.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import { replayRules, type ReplaySettings } from '../replay-rules.ts';

export interface InstanceReplayerOptions {
  readonly backend: Pick<TaskHubClientBackend, 'limits' | 'findInstance' | 'readHistory'>;
  readonly invoker: FunctionInvoker;
  readonly settings: ReplaySettings;
  /** Whether another app on the hub has the function: then it is not for this one to run. @default none has */
  readonly othersHave?: (kind: FunctionKind, name: string) => boolean;
  /** How long a replay may take, in ms. @default 10000 */
  readonly maxMs?: number;
}

export interface InstanceReplay {
  readonly instanceId: string;
  readonly executionId: string | null;
  readonly name: string;
  readonly runtimeStatus: RuntimeStatus;
  /** Whether the instance has ended: then it is told what today's code would have done. */
  readonly isFinished: boolean;
  /** `notReplayed`: see `reason`. */
  readonly verdict: ComparedReplay['verdict'] | 'notReplayed';
  /** For people; null for `same`. */
  readonly reason: string | null;
  readonly step: DifferingStep | null;
  /** How many events the history has. */
  readonly eventCount: number;
}

type Outcome = Pick<InstanceReplay, 'verdict' | 'reason' | 'step'>;

const DEFAULT_MAX_MS = 10_000;
/** The processor is that of the worker, too. */
const AT_ONCE = 1;

export class InstanceReplayer {
  readonly #options: InstanceReplayerOptions;
  readonly #slots = new Slots(AT_ONCE);

  constructor(options: InstanceReplayerOptions) {
    this.#options = options;
  }

  /**
   * Replays come one after the other.
   * @param signal gives up: the verdict is `notReplayed` then.
   * @returns undefined when there is no such instance.
   */
  async replay(instanceId: string, signal?: AbortSignal): Promise<InstanceReplay | undefined> {
    const record = await this.#options.backend.findInstance(toInstanceId(instanceId));
    return record && (await this.replayOf(record, signal));
  }

  /** The same for an instance whose row is at hand. */
  async replayOf(record: InstanceRecord, signal?: AbortSignal): Promise<InstanceReplay> {
    const { instanceId, executionId, name, runtimeStatus } = record;
    const history = await this.#readHistory(record);
    const told = {
      instanceId,
      executionId,
      name,
      runtimeStatus,
      isFinished: isTerminal(runtimeStatus),
      eventCount: typeof history === 'string' ? 0 : history.length,
    };
    if (typeof history === 'string') return { ...told, ...notReplayed(history) };
    if (!(await this.#slots.acquire(signal)))
      return { ...told, ...notReplayed('It was given up.') };
    try {
      return { ...told, ...(await this.#run(record, history, signal)) };
    } finally {
      this.#slots.release();
    }
  }

  /** Why there is nothing to replay, or the history. */
  async #readHistory({
    instanceId,
    runtimeStatus,
  }: InstanceRecord): Promise<readonly HistoryEvent[] | string> {
    if (isEntityId(instanceId)) return 'It is an entity: entities have no history to replay.';
    // What is stored may be that of the instance that this one replaces.
    if (runtimeStatus === 'Pending') return 'It has not begun.';
    try {
      const history = await this.#options.backend.readHistory(instanceId);
      const hasBegun = history.some(({ EventType }) => EventType === 'ExecutionStarted');
      return hasBegun ? history : 'Nothing is stored of its history.';
    } catch (error) {
      if (error instanceof CorruptMessageError)
        return `Its history cannot be read: ${error.message}`;
      throw error;
    }
  }

  async #run(
    { instanceId }: InstanceRecord,
    history: readonly HistoryEvent[],
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { backend, invoker, settings, maxMs = DEFAULT_MAX_MS } = this.#options;
    const { functions } = invoker;
    const { limits } = backend;
    const rules = replayRules(settings, {
      limits,
      checkFunction: (kind, name) => {
        if (!this.#isOfOthers(kind, name)) checkFunction(functions, kind, name);
      },
    });
    const execution = new OrchestrationExecution(instanceId, history, rules);
    const { started, executionId, parentInstanceId } = execution;
    const refused = this.#refusal(started.Name, started.Version);
    if (refused !== undefined) return refused;
    const timeout = AbortSignal.timeout(maxMs);
    const given = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    const run = invoker.openOrchestration({
      functionName: started.Name,
      instanceId,
      executionId,
      parentInstanceId,
      input: started.Input,
      timers: limits,
      trial: { signal: given },
    });
    try {
      const shown = shownHistory(history);
      const { events } = shown;
      const answer = await run.feed(until(given, execution.replay.feed(events, events.length)));
      if (given.aborted) return notReplayed(tooLong(maxMs, events.length));
      if (answer.kind === 'aborted' || answer.kind === 'refused') {
        return notReplayed(answer.reason);
      }
      return compareReplay(execution, shown, answer);
    } finally {
      run.close();
    }
  }

  /** Why the code is not run at all. */
  #refusal(name: string, version: string | null): Outcome | undefined {
    const { invoker, settings } = this.#options;
    if (this.#isOfOthers('orchestrator', name)) {
      return notReplayed(`Another app on the hub has the orchestrator '${name}'.`);
    }
    try {
      checkRuns(invoker.functions, 'orchestrator', name);
    } catch (error) {
      if (!(error instanceof ReplayFailure)) throw error;
      return { verdict: 'cannotContinue', reason: error.message, step: null };
    }
    const reason = versionMismatch(version, settings.versioning);
    return reason === undefined ? undefined : { verdict: 'cannotContinue', reason, step: null };
  }

  #isOfOthers(kind: FunctionKind, name: string): boolean {
    const { invoker, othersHave } = this.#options;
    return !hasFunction(invoker.functions, kind, name) && othersHave?.(kind, name) === true;
  }
}

/** Ends when the signal aborts. */
function until(signal: AbortSignal, feed: EventFeed): EventFeed {
  return {
    next: (asked) => (signal.aborted ? undefined : feed.next(asked)),
    rest: () => feed.rest(),
  };
}

function notReplayed(reason: string): Outcome {
  return { verdict: 'notReplayed', reason, step: null };
}

function tooLong(maxMs: number, count: number): string {
  return `A replay of its ${count} events takes longer than ${maxMs / 1000} s.`;
}

/**
 * How instances begin: new ones, and those that start again. Who wants to start one goes through `TaskHubClient`.
 * Mirrors DurableClient.StartNewAsync and RestartAsync.
 */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import type { Tags } from '../../core/history-event.ts';
import { toInstanceId, type InstanceId } from '../../core/ids.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import { startMessage, type OverridableStates } from '../../core/lifecycle/start.ts';
import { orchestrationScheduled } from '../../telemetry/log-events.ts';
import { creationSpan } from '../../telemetry/durable-spans.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { SpanSubject, Tracing } from '../../telemetry/tracing.ts';
import type { Ambient } from '../ambient.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { sendInSpan } from './client-spans.ts';
import { endReplacedInstance } from './end-replaced-instance.ts';
import { findRepaired } from '../examine/repair-instance.ts';

export interface StartOptions {
  readonly name: string;
  /** A random one when absent. */
  readonly instanceId?: string;
  /** JSON text; null for none. */
  readonly input: string | null;
  readonly version?: string;
  /** ISO 8601; the instance stays Pending until then. */
  readonly scheduledStartTime?: string;
  readonly tags?: Tags | null;
  /** Where the request stands in its trace. @default where the caller runs, if it wants spans */
  readonly trace?: W3cTrace | undefined;
}

/** What becomes of the instance that starts again. */
export type RestartOptions = {
  /** Asked before anything is started; what it throws, `restart` does. */
  readonly checkName?: (functionName: string) => void;
  /** As for a start. */
  readonly trace?: W3cTrace | undefined;
} & (
  | { readonly withNewInstanceId: boolean }
  | {
      readonly newInstanceId: InstanceId;
      /** That of the client when absent; empty for none. */
      readonly version?: string;
    }
);

export interface InstanceStarterOptions {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  readonly tracing: Tracing;
  readonly overridableStates: OverridableStates;
  /** Of instances started without one; null for none. */
  readonly defaultVersion: string | null;
}

/** The tag of a copy that says which instance it was made of. */
const SOURCE_TAG = 'MS_DurableFunctions_SourceInstanceId';

export class InstanceStarter {
  readonly #options: InstanceStarterOptions;

  constructor(options: InstanceStarterOptions) {
    this.#options = options;
  }

  /** @param chosenId a random one when undefined. See `TaskHubClient.start` for what it throws. */
  async start(
    chosenId: InstanceId | undefined,
    options: Omit<StartOptions, 'instanceId'>,
    signal: AbortSignal | undefined,
  ): Promise<InstanceId> {
    const { ambient, backend, defaultVersion, log, overridableStates, taskHub } = this.#options;
    const { name, trace: given } = options;
    // A random id needs no look at storage: nothing can have it.
    const existing = chosenId && (await this.#makeWay(chosenId, signal));
    const request = {
      instanceId: chosenId ?? toInstanceId(ambient.newId()),
      executionId: ambient.newId(),
      name,
      version: options.version ?? defaultVersion,
      input: options.input,
      scheduledStartTime: options.scheduledStartTime ?? null,
      now: this.#now(),
      tags: options.tags ?? null,
    };
    const { instanceId } = request;
    const subject = (): SpanSubject => creationSpan(request);
    await sendInSpan(this.#options.tracing, subject, given, async (trace) => {
      const message = startMessage({ ...request, trace }, existing, overridableStates);
      await backend.createInstance(message, existing);
    });
    orchestrationScheduled(log, { taskHub, instanceId, functionName: name });
    return instanceId;
  }

  /** @param record with its input. See `TaskHubClient.restart`. */
  async restart(
    record: InstanceRecord,
    options: RestartOptions,
    signal: AbortSignal | undefined,
  ): Promise<InstanceId> {
    const { instanceId, name, input, tags } = record;
    options.checkName?.(name);
    const chosenId = newIdOf(record, options);
    const again = {
      name,
      input,
      tags: chosenId === instanceId ? tags : { ...tags, [SOURCE_TAG]: instanceId },
      ...('version' in options ? { version: options.version } : {}),
      trace: options.trace,
    };
    return await this.start(chosenId, again, signal);
  }

  /** @returns the row that a start replaces. */
  async #makeWay(
    instanceId: InstanceId,
    signal: AbortSignal | undefined,
  ): Promise<InstanceRecord | undefined> {
    const { backend, log, overridableStates, taskHub } = this.#options;
    const context = { log, taskHub, now: this.#now() };
    const existing = await findRepaired(backend, instanceId, {}, context);
    if (!existing || overridableStates !== 'AnyState') return existing;
    return endReplacedInstance(this.#options, existing, signal);
  }

  #now(): string {
    return new Date(this.#options.ambient.now()).toISOString();
  }
}

/** Undefined for a random one. */
function newIdOf({ instanceId }: InstanceRecord, options: RestartOptions): InstanceId | undefined {
  if ('newInstanceId' in options) return options.newInstanceId;
  return options.withNewInstanceId ? undefined : instanceId;
}

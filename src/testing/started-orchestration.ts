/** An orchestration that a test has started: what becomes of it, and what a test can do to it meanwhile. */
import { InstanceNotFoundError, InstanceStateConflictError } from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import { type InstanceRecord, isTerminal, type RuntimeStatus } from '../core/instance-status.ts';
import { forTest, jsonOf, valueOf } from './json-values.ts';
import type { RecordedCall, ReplacedFunctions } from './replaced-functions.ts';
import { type Duration, durationMs } from './standing-clock.ts';
import type { TestHub } from './test-hub.ts';

/** As the SDK's `getStatus` says it. */
export interface OrchestrationStatus {
  readonly instanceId: string;
  readonly name: string;
  readonly runtimeStatus: RuntimeStatus;
  readonly customStatus: unknown;
  readonly input: unknown;
  /** Of one that ended: what it returned, or why it failed or was terminated. */
  readonly output: unknown;
}

/** An orchestration did not complete. */
export class OrchestrationFailedError extends Error {
  override readonly name = 'OrchestrationFailedError';
  readonly status: OrchestrationStatus;

  constructor(status: OrchestrationStatus) {
    const reason = typeof status.output === 'string' ? status.output : jsonOf(status.output);
    super(`'${status.name}' ended as ${status.runtimeStatus}: ${reason ?? 'no reason was given'}`);
    this.status = status;
  }
}

export interface StartedOrchestrationParts {
  readonly instanceId: string;
  readonly name: string;
  readonly hub: TestHub;
  /** @default nothing is recorded of it */
  readonly functions?: ReplacedFunctions;
}

/** One that has not ended after so many timers is one that never ends. */
const MAX_SKIPS = 300;

/**
 * Made by `DurableApp.start`. Before anything is read or sent, the app does all that it can do at this time; only `outcome`,
 * `output` and `skip` let time pass.
 */
export class StartedOrchestration {
  readonly instanceId: string;
  readonly #parts: StartedOrchestrationParts;

  constructor(parts: StartedOrchestrationParts) {
    this.instanceId = parts.instanceId;
    this.#parts = parts;
  }

  /**
   * What it returns, once it has: timers fire at once, however long they are.
   * @throws {OrchestrationFailedError} when it fails or is terminated.
   * @throws {InstanceStateConflictError} when it waits for an event that nobody raises, or never ends.
   */
  async output(): Promise<unknown> {
    const status = await this.outcome();
    if (status.runtimeStatus !== 'Completed') throw new OrchestrationFailedError(status);
    return status.output;
  }

  /**
   * Its status once it has ended, however it did.
   * @throws {InstanceStateConflictError} when it waits for an event that nobody raises, or never ends.
   *
   * @example
   * expect(await order.outcome()).toMatchObject({ runtimeStatus: 'Failed' });
   */
  async outcome(): Promise<OrchestrationStatus> {
    const { hub } = this.#parts;
    for (let skips = 0; ; skips++) {
      const status = await this.status();
      if (isTerminal(status.runtimeStatus)) return status;
      if (skips === MAX_SKIPS) throw this.#stuck(status, this.#endlessText());
      if (!(await hub.skipToNext())) throw this.#stuck(status, await this.#waitingText());
    }
  }

  /** Its status now. */
  async status(): Promise<OrchestrationStatus> {
    const record = await this.#record();
    const { instanceId, name, runtimeStatus, customStatus, input, output } = record;
    return {
      instanceId,
      name,
      runtimeStatus,
      customStatus: valueOf(customStatus),
      input: valueOf(input),
      output: valueOf(output),
    };
  }

  /** Raises an external event. @throws {InstanceStateConflictError} when it has ended. */
  async raise(eventName: string, data?: unknown): Promise<void> {
    await this.#settled();
    await this.#client.raiseEvent(this.instanceId, eventName, jsonOf(data));
  }

  /** Lets time pass, for the whole app. */
  async skip(duration: Duration): Promise<void> {
    await this.#parts.hub.skip(durationMs(duration));
  }

  /** The history of its current execution, with the names that the History table has. */
  async history(): Promise<readonly HistoryEvent[]> {
    await this.#settled();
    return forTest(await this.#client.readHistory(this.instanceId));
  }

  /**
   * The calls of activities and sub-orchestrators that it and its sub-orchestrations made, in order; each retry is one more.
   * @param name @default all
   *
   * @example
   * expect(await order.calls('Charge')).toEqual([{ name: 'Charge', input: { amount: 12 } }]);
   */
  async calls(name?: string): Promise<readonly RecordedCall[]> {
    await this.#settled();
    const calls = this.#parts.functions?.callsOf(this.instanceId) ?? [];
    const wanted = name?.toLowerCase();
    return forTest(
      calls.filter((call) => wanted === undefined || call.name.toLowerCase() === wanted),
    );
  }

  async terminate(reason: string): Promise<void> {
    await this.#settled();
    await this.#client.terminate(this.instanceId, reason);
  }

  async suspend(reason: string): Promise<void> {
    await this.#settled();
    await this.#client.suspend(this.instanceId, reason);
  }

  async resume(reason: string): Promise<void> {
    await this.#settled();
    await this.#client.resume(this.instanceId, reason);
  }

  /** Lets it try again what failed. @throws {InstanceStateConflictError} unless it has failed. */
  async rewind(reason: string): Promise<void> {
    await this.#settled();
    await this.#client.rewind(this.instanceId, reason);
  }

  get #client(): TestHub['client'] {
    return this.#parts.hub.client;
  }

  async #settled(): Promise<void> {
    await this.#parts.hub.settle();
  }

  async #record(): Promise<InstanceRecord> {
    await this.#settled();
    const record = await this.#client.findStatus(this.instanceId, { input: true });
    if (record === undefined) throw new InstanceNotFoundError(this.instanceId);
    return record;
  }

  #stuck({ runtimeStatus }: OrchestrationStatus, text: string): InstanceStateConflictError {
    return new InstanceStateConflictError(this.instanceId, runtimeStatus, text);
  }

  #endlessText(): string {
    return `'${this.#parts.name}' has not ended after ${MAX_SKIPS} timers (it is ${this.#parts.hub.now.toISOString()} there). One that never ends has no outcome: let time pass with skip({ days: 1 }), and look at status(), history() and calls().`;
  }

  async #waitingText(): Promise<string> {
    const waits: string[] = [];
    for (const instanceId of this.#parts.functions?.treeOf(this.instanceId) ?? []) {
      const record = await this.#client.findStatus(instanceId, { input: false });
      if (record === undefined || isTerminal(record.runtimeStatus)) continue;
      const who =
        instanceId === this.instanceId
          ? `'${record.name}'`
          : `its sub-orchestration '${record.name}' (${instanceId})`;
      if (record.runtimeStatus === 'Suspended') {
        waits.push(`${who} is suspended: resume it first`);
        continue;
      }
      const events = await this.#missingEvents(instanceId);
      if (events.length > 0) waits.push(`${who} waits for the event ${events.join(' or ')}`);
    }
    const what = waits.length === 0 ? `'${this.#parts.name}' waits` : waits.join('; ');
    return `${what}, and nobody raises an event, nor does any timer end that. Raise the event before: await run.raise('name', data).`;
  }

  async #missingEvents(instanceId: string): Promise<readonly string[]> {
    const history = await this.#client.readHistory(instanceId);
    const raised = history.flatMap((event) =>
      event.EventType === 'EventRaised' ? [event.Name] : [],
    );
    const awaited = this.#parts.functions?.awaitedEvents(instanceId) ?? [];
    return awaited.filter((name) => !raised.includes(name)).map((name) => `'${name}'`);
  }
}

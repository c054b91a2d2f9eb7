/**
 * The messages that can be delivered now, by instance: all that wait for an instance make one work item, and at most one item
 * per instance is out (rule B2 of TaskHubBackend). Instances are served in the order in which their first message came.
 * Mirrors the grouping of OrchestrationSessionManager.
 */
import { WaitingLine } from '../../base/waiting-line.ts';
import type { InstanceId } from '../../core/ids.ts';
import type { DeliveredMessage, OrchestrationWorkItem } from '../backend.ts';

/**
 * The others wait for the next item. An orchestration that takes one event per generation carries all the others of its item from
 * one generation to the next.
 */
const MAX_MESSAGES_PER_ITEM = 1_000;

export class InstanceInbox<Message extends DeliveredMessage> {
  readonly #waiting = new Map<InstanceId, Message[]>();
  readonly #out = new Map<InstanceId, OrchestrationWorkItem>();
  /** Instances that have messages and no item out, in order of arrival. */
  readonly #ready = new Set<InstanceId>();
  readonly #line = new WaitingLine(() => this.#take());
  readonly #epochOf: (instanceId: InstanceId) => number;
  /** Called whenever an item is finished. */
  readonly #finishListeners = new Set<() => void>();
  #waitingCount = 0;

  /** @param epochOf see OrchestrationWorkItem. */
  constructor(epochOf: (instanceId: InstanceId) => number) {
    this.#epochOf = epochOf;
  }

  /** Messages that wait for delivery. */
  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** Instances with an item out. */
  get outCount(): number {
    return this.#out.size;
  }

  /** Whether no message waits and no item is out. */
  get isEmpty(): boolean {
    return this.#waitingCount === 0 && this.#out.size === 0;
  }

  /** Messages that wait for delivery, which stay; of an instance in the order in which they came. */
  *waiting(): Generator<Message> {
    for (const messages of this.#waiting.values()) yield* messages;
  }

  /** Waits for an item. Resolves undefined when one of the signals aborts. */
  next(...signals: readonly AbortSignal[]): Promise<OrchestrationWorkItem | undefined> {
    return this.#line.next(...signals);
  }

  add(message: Message): void {
    this.addAll([message]);
  }

  /** Those of one instance become one item, unless one is out. */
  addAll(messages: readonly Message[]): void {
    for (const message of messages) {
      const { instanceId } = message.message.target;
      const waiting = this.#waiting.get(instanceId);
      if (waiting === undefined) this.#waiting.set(instanceId, [message]);
      else waiting.push(message);
      this.#waitingCount += 1;
      if (!this.#out.has(instanceId)) this.#ready.add(instanceId);
    }
    this.#line.serve();
  }

  isOut(item: OrchestrationWorkItem): boolean {
    return this.#out.get(item.instanceId) === item;
  }

  /** No item of the instance is out any more: messages that came meanwhile can be delivered. */
  finish(instanceId: InstanceId): void {
    if (!this.#out.delete(instanceId)) return;
    for (const listener of [...this.#finishListeners]) listener();
    if (!this.#waiting.has(instanceId)) return;
    this.#ready.add(instanceId);
    this.#line.serve();
  }

  /** Resolves when no item of such an instance is out, or `signal` aborts. */
  async whenNoneOut(
    belongs: (instanceId: InstanceId) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted && [...this.#out.keys()].some(belongs)) await this.#nextFinish(signal);
  }

  /** Takes out those of an instance that wait, and that `belongs` names; they keep their order. */
  takeWaiting(instanceId: InstanceId, belongs: (message: Message) => boolean): readonly Message[] {
    const taken: Message[] = [];
    const kept: Message[] = [];
    for (const message of this.#waiting.get(instanceId) ?? []) {
      (belongs(message) ? taken : kept).push(message);
    }
    if (kept.length > 0) {
      this.#waiting.set(instanceId, kept);
    } else {
      this.#waiting.delete(instanceId);
      this.#ready.delete(instanceId);
    }
    this.#waitingCount -= taken.length;
    return taken;
  }

  /** Takes out the waiting messages that `belongs` names. */
  drain(belongs: (message: Message) => boolean): readonly Message[] {
    const drained: Message[] = [];
    for (const [instanceId, messages] of this.#waiting) {
      const kept: Message[] = [];
      for (const message of messages) (belongs(message) ? drained : kept).push(message);
      if (kept.length > 0) {
        this.#waiting.set(instanceId, kept);
      } else {
        this.#waiting.delete(instanceId);
        this.#ready.delete(instanceId);
      }
    }
    this.#waitingCount -= drained.length;
    return drained;
  }

  async #nextFinish(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#finishListeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#finishListeners.add(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Forgets everything, items that are out included. */
  clear(): void {
    this.drain(() => true);
    this.#out.clear();
  }

  #take(): OrchestrationWorkItem | undefined {
    for (const instanceId of this.#ready) {
      const messages = this.#takeMessages(instanceId);
      this.#ready.delete(instanceId);
      const item = { instanceId, messages, epoch: this.#epochOf(instanceId) };
      this.#out.set(instanceId, item);
      return item;
    }
    return undefined;
  }

  #takeMessages(instanceId: InstanceId): readonly Message[] {
    const waiting = this.#waiting.get(instanceId) ?? [];
    const messages = waiting.splice(0, MAX_MESSAGES_PER_ITEM);
    if (waiting.length === 0) this.#waiting.delete(instanceId);
    this.#waitingCount -= messages.length;
    return messages;
  }
}

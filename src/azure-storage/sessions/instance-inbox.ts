/**
 * The messages that can be delivered now, by instance: all that wait for an instance make one work item, and at most one item
 * per instance is out (rule B2 of TaskHubBackend). Instances are served in the order in which their first message came.
 * Mirrors the grouping of OrchestrationSessionManager.
 */
import type { InstanceId } from '../../core/ids.ts';
import type { OrchestrationWorkItem } from '../../engine/backend.ts';
import type { HeldMessage } from '../queues/held-message.ts';
import { WaitingLine } from '../../base/waiting-line.ts';

export class InstanceInbox {
  readonly #waiting = new Map<InstanceId, HeldMessage[]>();
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

  /** Waits for an item. Resolves undefined when the signal aborts. */
  next(signal: AbortSignal): Promise<OrchestrationWorkItem | undefined> {
    return this.#line.next(signal);
  }

  add(message: HeldMessage): void {
    const { instanceId } = message.message.target;
    const waiting = this.#waiting.get(instanceId);
    if (waiting === undefined) this.#waiting.set(instanceId, [message]);
    else waiting.push(message);
    this.#waitingCount += 1;
    if (this.#out.has(instanceId)) return;
    this.#ready.add(instanceId);
    this.#line.serve();
  }

  isOut(item: OrchestrationWorkItem): boolean {
    return this.#out.get(item.instanceId) === item;
  }

  /** The item is not out any more: messages that came meanwhile can be delivered. Answers false when it was not out. */
  finish(item: OrchestrationWorkItem): boolean {
    const { instanceId } = item;
    if (!this.isOut(item)) return false;
    this.#out.delete(instanceId);
    for (const listener of [...this.#finishListeners]) listener();
    if (this.#waiting.has(instanceId)) {
      this.#ready.add(instanceId);
      this.#line.serve();
    }
    return true;
  }

  /** Resolves when no item of such an instance is out, or `signal` aborts. */
  async whenNoneOut(
    belongs: (instanceId: InstanceId) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted && [...this.#out.keys()].some(belongs)) await this.#nextFinish(signal);
  }

  /** Takes out the waiting messages that `belongs` names. */
  drain(belongs: (message: HeldMessage) => boolean): readonly HeldMessage[] {
    const drained: HeldMessage[] = [];
    for (const [instanceId, messages] of this.#waiting) {
      const kept = messages.filter((message) => !belongs(message));
      drained.push(...messages.filter(belongs));
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

  #take(): OrchestrationWorkItem | undefined {
    for (const instanceId of this.#ready) {
      const messages = this.#waiting.get(instanceId) ?? [];
      this.#ready.delete(instanceId);
      this.#waiting.delete(instanceId);
      this.#waitingCount -= messages.length;
      const item = { instanceId, messages, epoch: this.#epochOf(instanceId) };
      this.#out.set(instanceId, item);
      return item;
    }
    return undefined;
  }
}

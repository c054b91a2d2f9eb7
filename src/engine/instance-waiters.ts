/**
 * Who waits in this process for an instance to end, and is told when its end was stored: never before, by whatever stored it
 * (a commit, a repair, a purge). To be told is a hint to look at once. Polling stays the truth, for what other workers run, and for a
 * partition that goes to one of them half-way.
 *
 * Who shows the hub to people hears, too, which instances were worked on: a hint to look at them again.
 *
 * Holds an entry for who waits and for what runs, nothing else: its size is bounded by both.
 */
import { onAbort } from '../base/abort.ts';
import { Doze } from '../base/doze.ts';
import type { InstanceId } from '../core/ids.ts';
import type { TaskHubClientBackend } from './backend.ts';

export interface InstanceWaiter {
  /** Whether this process works on the instance, or has since the waiting began: then its end is told. */
  readonly isRunHere: boolean;
  /**
   * Waits `ms`, until the end is told, or until `signal` aborts. What is told while nobody waits is kept for the next wait.
   * @returns whether the end was told.
   */
  wait(ms: number, signal?: AbortSignal): Promise<boolean>;
  /** Has to be called, or the entry stays. Idempotent. */
  leave(): void;
}

/** Hears of instances. Must not throw, and comes back at once: work waits for it. */
export interface InstanceWatcher {
  /** Something was done with the instance, or it is gone. */
  changed(instanceId: InstanceId): void;
  /** The process stops: nothing more will be heard. */
  closed(): void;
}

const rooms = new WeakMap<TaskHubClientBackend, InstanceWaiters>();

/** The one room of all that share a backend: its worker tells, its clients wait. A decorated backend is another one. */
export function waitersOf(backend: TaskHubClientBackend): InstanceWaiters {
  const known = rooms.get(backend);
  if (known !== undefined) return known;
  const room = new InstanceWaiters();
  rooms.set(backend, room);
  return room;
}

/** @example const waiter = waitersOf(backend).enter(instanceId); */
export class InstanceWaiters {
  readonly #waiting = new Map<InstanceId, Set<Waiter>>();
  readonly #running = new Set<InstanceId>();
  readonly #watchers = new Set<InstanceWatcher>();
  #isClosed = false;

  /** The process stops: whoever waits looks once more, and answers with what there is. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const waiters of this.#waiting.values()) size += waiters.size;
    return size;
  }

  enter(instanceId: InstanceId): InstanceWaiter {
    const waiters = this.#waiting.get(instanceId) ?? new Set();
    this.#waiting.set(instanceId, waiters);
    const waiter = new Waiter(() => {
      waiters.delete(waiter);
      // Not the set of somebody who came after all of these had left.
      if (waiters.size === 0 && this.#waiting.get(instanceId) === waiters) {
        this.#waiting.delete(instanceId);
      }
    });
    waiter.isRunHere = this.#running.has(instanceId);
    waiters.add(waiter);
    return waiter;
  }

  /** A work item of the instance is out in this process, until `paused`. */
  running(instanceId: InstanceId): void {
    this.#running.add(instanceId);
    for (const waiter of this.#waiting.get(instanceId) ?? []) waiter.isRunHere = true;
  }

  paused(instanceId: InstanceId): void {
    this.#running.delete(instanceId);
    this.changed(instanceId);
  }

  /** Something was done with the instance. */
  changed(instanceId: InstanceId): void {
    for (const watcher of this.#watchers) watcher.changed(instanceId);
  }

  /** How many watch. */
  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** @returns takes the watcher off again. */
  watch(watcher: InstanceWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const instanceId of this.#waiting.keys()) this.ended(instanceId);
    for (const watcher of this.#watchers) watcher.closed();
    this.#watchers.clear();
  }

  /** Storage has the end of the instance, or nothing of it any more. */
  ended(instanceId: InstanceId): void {
    for (const waiter of this.#waiting.get(instanceId) ?? []) waiter.tell();
    this.changed(instanceId);
  }
}

class Waiter implements InstanceWaiter {
  isRunHere = false;
  readonly leave: () => void;
  readonly #doze = new Doze();
  #isTold = false;

  constructor(leave: () => void) {
    this.leave = leave;
  }

  tell(): void {
    this.#isTold = true;
    this.#doze.wake();
  }

  async wait(ms: number, signal?: AbortSignal): Promise<boolean> {
    const wake = (): void => {
      this.#doze.wake();
    };
    const takeOff = signal && onAbort(signal, wake);
    await this.#doze.sleep(ms);
    takeOff?.();
    const isTold = this.#isTold;
    this.#isTold = false;
    return isTold;
  }
}

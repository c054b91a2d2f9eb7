/**
 * Port: whoever is told of instances that start and end. The engine tells after the commit is stored and before the messages
 * that led to it are deleted; when the process dies between the two, the messages come again and it tells once more. So every
 * event is told at least once, and those of one instance in their order. Only after a crash may an event be told late: when its
 * message comes again after another one, and then all from there on are told once more.
 */
import type { LifecycleEvent } from '../core/lifecycle/lifecycle-events.ts';

export interface LifecycleNotifications {
  /**
   * Never throws, and keeps the order of the calls for each instance.
   * @returns true when nothing is left to do: delivered, or given up after all tries; false when it stopped before.
   */
  publish(events: readonly LifecycleEvent[]): Promise<boolean>;
  /** Finishes what is on its way, and leaves what waits for another try to the next process. */
  stop(abort?: AbortSignal): Promise<void>;
}

/**
 * Waits for an instance to end: told by the room where this process runs it, and asking storage from time to time, with pauses
 * that grow, where another one does.
 */
import type { InstanceId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord } from '../../core/instance-status.ts';
import type { InstanceWaiter, InstanceWaiters } from '../instance-waiters.ts';

export interface WaitOptions {
  /** 0 looks once. */
  readonly timeoutMs: number;
  /** The longest pause between two looks; the first ones are shorter where nobody tells of the end. */
  readonly intervalMs: number;
  /**
   * The caller has just started the instance, or seen that it runs: the first look can wait.
   * @default false
   */
  readonly isUnderWay?: boolean;
  /** Ends the waiting, as the time does. */
  readonly signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 50;

/**
 * @param read resolves undefined when there is no such instance, which ends the waiting. What it throws, this does.
 * @returns what was read last: of an instance that ended, or of one that did not in time. Undefined when there was none, or
 *   `signal` aborted before the first look.
 */
export async function waitForEnd(
  instanceId: InstanceId,
  read: () => Promise<InstanceRecord | undefined>,
  { now, waiters, ...wait }: WaitOptions & { now: () => number; waiters: InstanceWaiters },
): Promise<InstanceRecord | undefined> {
  const deadlineMs = now() + wait.timeoutMs;
  const isAborted = (): boolean => wait.signal?.aborted === true;
  // Before the first look: an end that is stored after it is told.
  const waiter = waiters.enter(instanceId);
  try {
    let record: InstanceRecord | undefined;
    let pauseMs = Math.min(FIRST_PAUSE_MS, wait.intervalMs);
    for (let looksFirst = wait.isUnderWay !== true; ; looksFirst = true) {
      if (looksFirst) {
        record = await read();
        if (record === undefined || isTerminal(record.runtimeStatus)) return record;
      }
      const leftMs = deadlineMs - now();
      if (leftMs <= 0 || waiters.isClosed || isAborted()) return record;
      await pauseBefore(waiter, {
        shortMs: Math.min(pauseMs, leftMs),
        longMs: Math.min(wait.intervalMs, leftMs),
        signal: wait.signal,
      });
      if (isAborted()) return record;
      pauseMs = Math.min(pauseMs * 2, wait.intervalMs);
    }
  } finally {
    waiter.leave();
  }
}

/** The next look is soon, unless this process turns out to run the instance: then its end is told. */
async function pauseBefore(
  waiter: InstanceWaiter,
  {
    shortMs,
    longMs,
    signal,
  }: { shortMs: number; longMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const isTold = await waiter.wait(shortMs, signal);
  const mayRest = waiter.isRunHere && !isTold && signal?.aborted !== true;
  if (mayRest && longMs > shortMs) await waiter.wait(longMs - shortMs, signal);
}

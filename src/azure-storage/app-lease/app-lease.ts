/**
 * Only one app at a time works on a hub: the one that holds the lease of the hub's `-applease` container. All processes of an
 * app hold it together, as they have one id. Mirrors AppLeaseManager; unlike there, the lease is released at the stop.
 *
 * L1 `acquired` and `lost` alternate, and each is over before the next one begins. `lost` also follows an `acquired` that
 *    failed, to take back what it began; the lease is released then, for apps that can.
 * L2 A renewal that says "not yours" is followed by another try at once, since a process of the same app may have released it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { ContainerClient } from '@azure/storage-blob';
import { errorText, levelOf, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { statusOf, storageCall } from '../storage-error.ts';
import { createAppLeaseInfo, readAppLeaseInfo, writeAppLeaseInfo } from './app-lease-info.ts';

export interface AppLeaseOptions {
  readonly taskHub: string;
  readonly container: ContainerClient;
  readonly infoBlob: string;
  /** See `appLeaseId`. */
  readonly id: string;
  readonly renewIntervalMs: number;
  /** Between two tries to get it. */
  readonly acquireIntervalMs: number;
  /** 15 to 60 s. */
  readonly leaseIntervalMs: number;
  readonly now: () => number;
  readonly log: Logger;
}

export interface AppLeaseListener {
  /** This app may work on the hub. */
  acquired(): Promise<void>;
  /** It may not any more. Never throws. */
  lost(): Promise<void>;
}

const CATEGORY = 'Host.Triggers.DurableTask';
/** After a try that storage did not answer. */
const RETRY_MS = 5_000;

export class AppLease {
  readonly #options: AppLeaseOptions;
  #stopping = new AbortController();
  /** Ends the pause between two tries. */
  #hurry = new AbortController();
  #running: Promise<void> | undefined;
  #isOwner = false;

  constructor(options: AppLeaseOptions) {
    this.#options = options;
  }

  /**
   * Resolves after the first try: either `acquired` is over, or another app has the lease and this one waits. An `acquired`
   * that fails later is logged and tried again.
   * @throws what `acquired` threw at the first try; then nothing is held, and nothing is tried any more.
   */
  async start(listener: AppLeaseListener): Promise<void> {
    this.#stopping = new AbortController();
    await new Promise<void>((resolve, reject) => {
      this.#running = this.#run(listener, resolve, reject);
    });
  }

  /** Tries and renews no more. What is held stays held. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#hurry.abort();
    await this.#running;
    this.#running = undefined;
  }

  /** Hands the lease back, if it is held. */
  async release(): Promise<void> {
    if (!this.#isOwner) return;
    this.#isOwner = false;
    try {
      await this.#call('release', (lease) => lease.releaseLease());
    } catch (error) {
      const message = `The app lease was not released, and ends by itself: ${errorText(error)}`;
      text(this.#options.log, 'debug', CATEGORY, message, error);
    }
  }

  /** Has this app take the lease over. Mirrors ForceChangeAppLeaseAsync. */
  async claim(): Promise<void> {
    if (this.#isOwner) return;
    const { container, infoBlob, id } = this.#options;
    const info = await this.#info();
    await writeAppLeaseInfo(container, infoBlob, { ...info, DesiredSwapId: id });
    this.#hurry.abort();
  }

  /** @param failed ends the run: told at the first try only. */
  async #run(
    listener: AppLeaseListener,
    tried: () => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    const stopping = this.#stopping;
    const { signal } = stopping;
    for (let isFirstTry = true; !signal.aborted; isFirstTry = false) {
      this.#hurry = new AbortController();
      const pauseMs = await this.#tryToAcquire();
      if (pauseMs > 0) {
        tried();
        await this.#pause(pauseMs, this.#hurry.signal);
        continue;
      }
      if (stopping.signal.aborted) break;
      try {
        await listener.acquired();
      } catch (error) {
        await listener.lost();
        await this.release();
        if (isFirstTry) {
          failed(error);
          return;
        }
        await this.#pause(this.#retryAfter(error), this.#hurry.signal);
        continue;
      }
      tried();
      const nextTryMs = await this.#hold(signal);
      if (this.#isOwner) continue;
      await listener.lost();
      await this.#pause(nextTryMs, this.#hurry.signal);
    }
    tried();
  }

  /** Work could not begin though the lease was there. @returns how long to wait before the next try. */
  #retryAfter(error: unknown): number {
    const { acquireIntervalMs, log, taskHub } = this.#options;
    const message = `The work on task hub '${taskHub}' could not begin, and is tried again: ${errorText(error)}`;
    text(log, levelOf(error, 'error'), CATEGORY, message, error);
    return Math.min(RETRY_MS, acquireIntervalMs);
  }

  /** @returns 0 when the lease is held, otherwise how long to wait before the next try. */
  async #tryToAcquire(): Promise<number> {
    const { acquireIntervalMs, log, taskHub } = this.#options;
    try {
      this.#isOwner = await this.#acquire();
      if (this.#isOwner) return 0;
      text(
        log,
        'warning',
        CATEGORY,
        `Task hub '${taskHub}' belongs to another app at the moment (app lease): this host works on nothing and tries again in ${acquireIntervalMs / 1000} s. Give each app a hub of its own, or POST /makeprimary to take this one over.`,
      );
      return acquireIntervalMs;
    } catch (error) {
      const message = `The app lease of task hub '${taskHub}' could not be asked for: ${errorText(error)}`;
      text(log, levelOf(error, 'error'), CATEGORY, message, error);
      return Math.min(RETRY_MS, acquireIntervalMs);
    }
  }

  async #acquire(): Promise<boolean> {
    const { container, infoBlob, id, leaseIntervalMs, renewIntervalMs, now } = this.#options;
    const info = await this.#info();
    const mayTakeOver = info.DesiredSwapId === id && info.OwnerId !== null && info.OwnerId !== id;
    let untilMs = mayTakeOver ? await this.#takeOver(info.OwnerId) : undefined;
    if (untilMs === undefined) {
      const isFree = await this.#unlessSomebodyElses(() =>
        this.#call('acquire', (lease) => lease.acquireLease(leaseIntervalMs / 1000)),
      );
      if (!isFree) return false;
      // A wish that is left behind would take the lease from another app one day.
      const isWished = info.DesiredSwapId === id;
      if (info.OwnerId !== id || isWished) {
        const wish = isWished && { DesiredSwapId: null };
        await writeAppLeaseInfo(container, infoBlob, { ...info, OwnerId: id, ...wish });
      }
      untilMs = Date.parse(info.TransitionUntilUtc ?? '');
    }
    // The owner before finds out at its next renewal. No longer than that: its clock may be wrong, and our lease runs.
    const leftMs = Math.min(untilMs - now(), renewIntervalMs);
    if (leftMs > 0) await this.#pause(leftMs, this.#stopping.signal);
    return true;
  }

  /** @returns until when the owner before may still be working; undefined when it has no lease, be it that it stopped or died. */
  async #takeOver(ownerId: string): Promise<number | undefined> {
    const { id, renewIntervalMs, now } = this.#options;
    const isTaken = await this.#unlessSomebodyElses(() =>
      this.#call('take over', (lease) => lease.changeLease(id), ownerId),
    );
    if (!isTaken) return undefined;
    const untilMs = now() + renewIntervalMs;
    await this.#announce(untilMs);
    return untilMs;
  }

  /** @returns false when the answer is that the lease is not ours. */
  async #unlessSomebodyElses(call: () => Promise<void>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      if (isSomebodyElses(error)) return false;
      throw error;
    }
  }

  /** Tells who has the lease now, and how long the owner before may still be working. */
  async #announce(untilMs: number): Promise<void> {
    const { container, infoBlob, id } = this.#options;
    await writeAppLeaseInfo(container, infoBlob, {
      OwnerId: id,
      DesiredSwapId: null,
      TransitionUntilUtc: new Date(untilMs).toISOString(),
    });
  }

  /** Renews until the lease is lost or the host stops. @returns how long to wait before the next try. */
  async #hold(signal: AbortSignal): Promise<number> {
    for (;;) {
      await this.#pause(this.#options.renewIntervalMs, signal);
      if (signal.aborted) return 0;
      if (await this.#renew()) continue;
      const pauseMs = await this.#tryToAcquire();
      this.#isOwner = pauseMs === 0;
      if (!this.#isOwner) return pauseMs;
    }
  }

  /** Anything but "not yours" counts as renewed, as in .NET: an outage of storage is no reason to stop. */
  async #renew(): Promise<boolean> {
    try {
      await this.#call('renew', (lease) => lease.renewLease());
      return true;
    } catch (error) {
      text(this.#options.log, 'debug', CATEGORY, errorText(error), error);
      return !isSomebodyElses(error);
    }
  }

  async #info() {
    const { container, infoBlob } = this.#options;
    return (
      (await readAppLeaseInfo(container, infoBlob)) ??
      (await createAppLeaseInfo(container, infoBlob))
    );
  }

  async #call(
    what: string,
    call: (lease: ReturnType<ContainerClient['getBlobLeaseClient']>) => Promise<unknown>,
    id = this.#options.id,
  ): Promise<void> {
    const { container } = this.#options;
    await storageCall(`${what} the lease of container '${container.containerName}'`, () =>
      call(container.getBlobLeaseClient(id)),
    );
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await wait(ms, undefined, { signal, ref: false });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function isSomebodyElses(error: unknown): boolean {
  return statusOf(error) === 409 || statusOf(error) === 412;
}

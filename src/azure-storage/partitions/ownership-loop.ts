/**
 * What every way of sharing partitions has in common: rounds in which a worker looks at what others have and renews what it has,
 * and the partitions that it holds meanwhile, given up in time whatever happens to the rounds.
 */
import { Doze } from '../../base/doze.ts';
import { loopFailed, partitionsLost } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { HeldPartitions } from './held-partitions.ts';
import type { PartitionListener } from './partition-ownership.ts';

export interface OwnershipLoopOptions {
  readonly taskHub: string;
  readonly log: Logger;
  /** See `passedTime`. */
  readonly passedMs: () => number;
  /** How long a partition is ours without being renewed. */
  readonly leaseIntervalMs: number;
  /** @returns how long to wait before the next one. */
  readonly round: () => Promise<number>;
  /** Something has been let go of. */
  readonly left: () => void;
  /** A round is over. @param ownsAny whether any partition is ours. */
  readonly looked?: ((ownsAny: boolean) => void) | undefined;
}

const RETRY_PAUSE_MS = 1_000;
const BEAT_MS = 1_000;
/** A start does not fail because storage was slow once. */
const FIRST_TRIES = 3;
/** How long the items of a partition that is wanted may take before they are left to lose their commit. Mirrors DrainTablePartitionAsync. */
const DRAIN_PATIENCE_MS = 60_000;
/** A partition is given up so much before others may take it. */
const SAFETY_SHARE = 1 / 6;

export class OwnershipLoop {
  readonly held: HeldPartitions;
  readonly #options: OwnershipLoopOptions;
  readonly #doze = new Doze();
  #running: Promise<void> | undefined;
  #isStopping = false;
  #beat: NodeJS.Timeout | undefined;
  #lastBeatMs = 0;

  constructor(options: OwnershipLoopOptions) {
    this.#options = options;
    this.held = new HeldPartitions(options.passedMs);
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Resolves after the first round. @throws what that one threw; then nothing is held, and there are no others. */
  async start(listener: PartitionListener): Promise<void> {
    const { leaseIntervalMs, passedMs } = this.#options;
    this.#isStopping = false;
    this.#lastBeatMs = passedMs();
    const beatMs = Math.min(BEAT_MS, leaseIntervalMs / 10);
    this.#beat = setInterval(() => {
      this.#giveUpOverdue();
    }, beatMs).unref();
    this.held.begin(listener);
    try {
      const first = this.#firstRound();
      this.#running = first.then(
        (pauseMs) => this.#goOn(pauseMs),
        () => undefined,
      );
      await first;
    } catch (error) {
      await this.stop(AbortSignal.abort());
      throw error;
    }
  }

  /** Lets go of everything when the round that runs is over. Idempotent. @param signal ends the wait for items that are out. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    this.#doze.wake();
    await this.#running;
    this.#running = undefined;
    clearInterval(this.#beat);
    await this.held.end(signal);
  }

  /** Has the next round begin at once. */
  look(): void {
    this.#doze.wake();
  }

  /** Resolves when no round runs, and none will. Only after the stop. */
  async ended(): Promise<void> {
    await this.#running;
  }

  /** Until when what was renewed is believed to be ours. @param startedMs when storage was asked to renew it. */
  endMs(startedMs: number, leaseMs: number): number {
    return startedMs + leaseMs * (1 - SAFETY_SHARE);
  }

  /** Lets go of a partition that others want, with everything that runs in it. */
  async handOver(partition: number): Promise<void> {
    await this.#letGo(partition, AbortSignal.timeout(DRAIN_PATIENCE_MS));
  }

  /** These are not ours any more: what runs in them will lose its commits. @param reason completes the log's sentence. */
  lose(partitions: readonly number[], reason: string): void {
    if (partitions.length === 0) return;
    for (const partition of partitions) void this.#letGo(partition, AbortSignal.abort());
    const { log, taskHub } = this.#options;
    partitionsLost(log, { taskHub, partitions, reason });
  }

  async #firstRound(): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#round();
      } catch (error) {
        if (tries === FIRST_TRIES || this.#isStopping) throw error;
      }
    }
  }

  async #goOn(firstPauseMs: number): Promise<void> {
    for (let pauseMs = firstPauseMs; ;) {
      await this.#doze.sleep(pauseMs);
      if (this.#isStopping) return;
      // What was overdue is not to be renewed as if nothing had happened.
      this.#giveUpOverdue();
      pauseMs = await this.#tryRound();
    }
  }

  async #tryRound(): Promise<number> {
    try {
      return await this.#round();
    } catch (error) {
      const { leaseIntervalMs, log, taskHub } = this.#options;
      const pauseMs = Math.min(RETRY_PAUSE_MS, leaseIntervalMs / 10);
      loopFailed(log, { taskHub, loop: 'partition ownership', pauseMs }, error);
      return pauseMs;
    }
  }

  async #round(): Promise<number> {
    const pauseMs = await this.#options.round();
    if (!this.#isStopping) this.#options.looked?.(this.held.owned().length > 0);
    return pauseMs;
  }

  /** Also when there was no chance to notice in time, because the process stood still. */
  #giveUpOverdue(): void {
    const { leaseIntervalMs, passedMs } = this.#options;
    const nowMs = passedMs();
    const stoodStillMs = nowMs - this.#lastBeatMs;
    this.#lastBeatMs = nowMs;
    const reason =
      stoodStillMs > leaseIntervalMs / 3
        ? `this process was blocked for ${(stoodStillMs / 1000).toFixed(1)} s, and could not renew them`
        : 'storage did not let this process renew them in time';
    this.lose(this.held.overdue(), reason);
  }

  async #letGo(partition: number, signal: AbortSignal): Promise<void> {
    try {
      await this.held.letGo(partition, signal);
    } catch (error) {
      const { log, taskHub } = this.#options;
      loopFailed(log, { taskHub, loop: `release of partition ${partition}`, pauseMs: 0 }, error);
    }
    this.#options.left();
    this.#doze.wake();
  }
}

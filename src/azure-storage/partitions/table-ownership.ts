/**
 * Partitions that workers share by writing down in one table who owns what, and until when: with .NET workers of extension 3.x,
 * too. Each worker looks at the table now and then, and follows `core/partition-balance.ts`. Mirrors TablePartitionManager.
 *
 * T1 A partition is read only while its row says that it is ours, and the row is believed for less time than others have to:
 *    counted from before it was written, on a clock that never shows too little.
 * T2 Times of the table are those of storage, not of this machine: whose lease is over is told by when storage wrote the row, and
 *    by how long its writer wanted it to last. Where a .NET worker's clock is ahead of storage's, our rows last longer by that.
 * T3 Every write is guarded by the ETags of what was read. A conflict is normal, and answered by another look.
 * T4 What a worker has it renews before it looks, and one that owns everything need not look: whoever wants a partition changes its
 *    row, and then the renewal is refused. So a lease costs one answer of storage, not two.
 * T5 A partition is given to another worker as if that one had asked for it.
 * T6 Where storage is slow a lease lasts longer by the answers that its renewal can need.
 */
import { pause } from '../../base/pause.ts';
import { passedTime } from '../../base/passed-time.ts';
import { planPartitions, type PartitionPlan } from '../../core/partition-balance.ts';
import { errorText, partitionsOwned, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { claimEndMs } from './claim-end.ts';
import type { HeldPartitions } from './held-partitions.ts';
import { OwnershipLoop } from './ownership-loop.ts';
import type { PartitionListener, PartitionOwnership } from './partition-ownership.ts';
import { PartitionTurns, type LiveWorker } from './partition-turns.ts';
import {
  isContested,
  type PartitionRow,
  type PartitionTable,
  type PartitionTableView,
  type StoredPartitionRow,
} from './partition-table.ts';
import { isKnownDead, isOurWorker, newWorkerName } from './worker-name.ts';
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';

export interface TableOwnershipOptions {
  readonly taskHub: string;
  readonly table: Pick<PartitionTable, 'read' | 'write'>;
  /** How long a row is ours without being renewed. */
  readonly leaseIntervalMs: number;
  /** Between two looks at the table; a third of the lease interval at most. */
  readonly acquireIntervalMs: number;
  /** Whether nothing is done here at the moment. */
  readonly isIdle: () => boolean;
  readonly log: Logger;
  /** Where others tell this worker that something waits for it; undefined while they cannot. @default they never can */
  readonly doorbell?: () => DoorbellAddress | undefined;
  /** What this worker runs, see `HubApps`. @default others do not know */
  readonly app?: () => string | undefined;
  /** Told of the table, as often as it is read, and with `undefined` when it is not read any more. */
  readonly onRead?: (rows: readonly StoredPartitionRow[] | undefined) => void;
  /** The workers that own nothing, as far as they are known. @default nobody knows of any */
  readonly idleWorkers?: () => readonly LiveWorker[];
  /** Told that a worker can have partitions which it does not know of yet. */
  readonly onHandedOver?: (worker: string) => void;
  /** Told after each look whether this worker owns anything. */
  readonly onLooked?: (ownsAny: boolean) => void;
  /** @default a new one */
  readonly workerName?: string;
  /** @default `passedTime()` */
  readonly passedMs?: () => number;
  /** @default by the processes of this machine */
  readonly isKnownDead?: (workerName: string) => boolean;
}

type Change = PartitionRow & Pick<StoredPartitionRow, 'etag'>;

/** Who has no partition has none to lose while storage is slow. */
const PATIENT_TIMEOUT_MS = 20_000;
/** While a partition is on its way from one worker to another. Mirrors PartitionManagerLoop. */
const HAND_OVER_PAUSE_MS = 1_000;
const RETRY_PAUSE_MS = 1_000;
/** After these the others go first. */
const MAX_CONFLICTS = 9;
const CONFLICT_PAUSE_MS = 50;
/** What is let go of within this time is handed over without saying before that it will be. */
const QUICK_DRAIN_MS = 500;
/**
 * A worker that owns everything and has nothing to do renews more rarely, for longer: nobody waits for what it owns, and others
 * that come wait for their share only.
 */
const IDLE_FACTOR = 2;
/** A renewal that is refused, a look, and another renewal: what may lie between two that succeed, beside the usual pause. */
const MOST_ANSWERS = 3;
/**
 * From the beginning of one renewal to the end of the next one: its own answer, a look, and these. The last one is for what of a lease
 * is not believed.
 */
const ANSWERS_IN_LEASE = 2 + MOST_ANSWERS + 1;
/** Shares of the lease interval. What takes less is quick. */
const QUICK_SHARE = 1 / 30;
/** No answer is waited for longer, whatever the clock says: the machine may have slept. */
const LONGEST_ANSWER_SHARE = 1 / 2;
/** A renewal whose answer was lost is found out, and done again, within this. */
const SECOND_TRY_SHARE = 1 / 10;
/** The time that storage tells is cut to whole seconds. */
const STORAGE_TIME_PRECISION_MS = 1_000;
/** Clocks that differ by more are wrong, not different. */
const MAX_CLOCK_LEAD_MS = 10 * 60_000;

export class TableOwnership implements PartitionOwnership {
  readonly #options: TableOwnershipOptions;
  readonly #lookIntervalMs: number;
  readonly #me: string;
  readonly #passedMs: () => number;
  readonly #isKnownDead: (workerName: string) => boolean;
  readonly #loop: OwnershipLoop;
  readonly #held: HeldPartitions;
  readonly #turns: PartitionTurns;
  /** Our rows, as they were last written. */
  readonly #mine = new Map<number, StoredPartitionRow>();
  /** When there was last something to do here, or something new in the table. */
  #lastStirMs = 0;
  /** Storage's clock minus ours; undefined before the first look. */
  #storageAheadMs: number | undefined;
  /** How far the clock of another worker is ahead of storage's. */
  #leadOfOthersMs = 0;
  #isAlone = false;
  /** Nothing was on its way at the last look, nor has been since. */
  #isSettled = false;
  /** How long storage took for its last two answers, or did not answer. */
  #answersMs: readonly [number, number] = [0, 0];
  #told = '';

  constructor(options: TableOwnershipOptions) {
    this.#options = options;
    // Often enough that one look may fail, and another one come late.
    this.#lookIntervalMs = Math.min(options.acquireIntervalMs, options.leaseIntervalMs / 3);
    this.#me = options.workerName ?? newWorkerName();
    this.#passedMs = options.passedMs ?? passedTime();
    this.#isKnownDead = options.isKnownDead ?? isKnownDead;
    const { taskHub, log, leaseIntervalMs } = options;
    this.#loop = new OwnershipLoop({
      taskHub,
      log,
      leaseIntervalMs,
      passedMs: this.#passedMs,
      round: () => this.#round(),
      looked: options.onLooked,
      left: () => {
        // The table is to tell what became of it.
        this.#unsettle();
      },
    });
    this.#held = this.#loop.held;
    this.#turns = new PartitionTurns({
      me: this.#me,
      app: () => options.app?.(),
      turnMs: this.#lookIntervalMs,
      passedMs: this.#passedMs,
      heldForMs: (partition) => this.#held.heldForMs(partition),
    });
  }

  async start(listener: PartitionListener): Promise<void> {
    this.#unsettle();
    this.#lastStirMs = this.#passedMs();
    await this.#loop.start(listener);
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#loop.stop(signal);
    this.#options.onRead?.(undefined);
  }

  async release(): Promise<void> {
    await this.#loop.ended();
    if (this.#mine.size === 0) return;
    try {
      await this.#releaseRows([...this.#mine.values()]);
    } catch (error) {
      const message = `The partitions of task hub '${this.#options.taskHub}' were not handed back, and are free when they run out: ${errorText(error)}`;
      text(this.#options.log, 'debug', 'Host.Triggers.DurableTask', message, error);
    }
    this.#mine.clear();
  }

  owns(partition: number): boolean {
    return this.#held.owns(partition);
  }

  epoch(partition: number): number {
    return this.#held.epoch(partition);
  }

  look(): void {
    this.#isAlone = false;
    this.#loop.look();
  }

  leaveTo(app: string, partition: number): void {
    if (this.#turns.note(partition, app)) this.#loop.look();
  }

  /** @returns how long to wait before the next one. */
  async #round(): Promise<number> {
    if (!this.#options.isIdle()) this.#lastStirMs = this.#passedMs();
    if (!this.#turns.isAnyWanted && this.#isResting() && this.#restMs() > 0) {
      return Math.min(this.#restMs(), this.#lookIntervalMs);
    }
    const isRenewed = this.#mayRenewUnseen() && (await this.#renewUnseen());
    const isEnough = isRenewed && !this.#turns.isAnyWanted && this.#isAlone;
    const mustWait = isRenewed && this.#spareMs() < 0;
    const pauseMs =
      isEnough || mustWait ? this.#lookIntervalMs : await this.#lookAndFollow(isRenewed);
    return Math.max(0, Math.min(pauseMs, this.#spareMs()));
  }

  /** @param isRenewed whether what is ours has been renewed in this round. @returns how long to wait before the next one. */
  async #lookAndFollow(isRenewed: boolean): Promise<number> {
    let nextOwners: ReadonlyMap<number, string> | undefined;
    for (let conflicts = 0; ; conflicts += 1) {
      const view = await this.#read();
      this.#options.onRead?.(view.rows);
      // Chosen once in a round: what is drained for somebody is not to be kept because a row was contested.
      nextOwners ??= this.#nextOwners(view.rows);
      try {
        const rows = this.#given(view.rows, nextOwners);
        const pauseMs = await this.#follow({ ...view, rows }, isRenewed);
        return Math.min(pauseMs, this.#turns.nextEndMs);
      } catch (error) {
        if (!isContested(error)) throw error;
        if (conflicts === MAX_CONFLICTS || this.#loop.isStopping) return RETRY_PAUSE_MS;
        await pause(Math.random() * CONFLICT_PAUSE_MS);
      }
    }
  }

  /** What is on its way is not to be kept unseen. */
  #mayRenewUnseen(): boolean {
    return this.#isSettled && !this.#held.isAnyLeaving && !this.#loop.isStopping;
  }

  /** @returns false when others changed something, which has to be looked at. */
  async #renewUnseen(): Promise<boolean> {
    try {
      await this.#write([...this.#mine.values()].map((row) => this.#renewed(row)));
      return true;
    } catch (error) {
      if (isContested(error)) return false;
      // It may have been done.
      this.#unsettle();
      throw error;
    }
  }

  #unsettle(): void {
    this.#isAlone = false;
    this.#isSettled = false;
  }

  async #follow(view: PartitionTableView, isRenewed: boolean): Promise<number> {
    this.#learnTimes(view);
    const rows = view.rows.map((row) => ({ ...row, isExpired: this.#isExpired(row) }));
    const claims = this.#turns.withTurns(rows);
    const plan = planPartitions(claims, this.#me);
    this.#dropLost(rows);
    await this.#beginToHandOver(plan.handOver);
    const changes = this.#changes(view.rows, plan, isRenewed);
    await this.#write(changes);
    this.#turns.noteAsked(plan.ask);
    this.#tellNextOwners(changes);
    const isMoving = plan.ask.length + plan.awaited.length > 0 || this.#held.isAnyLeaving;
    this.#noteOthers(plan, view.rows.length, isMoving);
    return isMoving ? Math.min(HAND_OVER_PAUSE_MS, this.#lookIntervalMs) : this.#lookIntervalMs;
  }

  #nextOwners(rows: readonly StoredPartitionRow[]): ReadonlyMap<number, string> {
    const owners = rows.flatMap((row) =>
      row.owner === undefined || this.#isExpired(row) ? [] : [{ name: row.owner, app: row.app }],
    );
    const claims = rows.map((row) => ({ ...row, isExpired: false }));
    const workers = [...owners, ...(this.#options.idleWorkers?.() ?? [])];
    return this.#turns.nextOwners(claims, workers);
  }

  /** The rows as if those who are to have ours had asked for them, and nobody else had: what waits goes before balance. */
  #given(
    rows: readonly StoredPartitionRow[],
    nextOwners: ReadonlyMap<number, string>,
  ): readonly StoredPartitionRow[] {
    return rows.map((row) => {
      const nextOwner = row.owner === this.#me ? nextOwners.get(row.partition) : undefined;
      return nextOwner === undefined ? row : { ...row, nextOwner };
    });
  }

  /** Who asked for a partition looks for it all the time; who was chosen does not know. */
  #tellNextOwners(changes: readonly Change[]): void {
    for (const { owner, nextOwner } of changes) {
      if (owner === undefined && nextOwner !== undefined) this.#options.onHandedOver?.(nextOwner);
    }
  }

  #changes(
    rows: readonly StoredPartitionRow[],
    plan: PartitionPlan,
    isRenewed: boolean,
  ): readonly Change[] {
    const isAsWritten = ({ partition, etag }: StoredPartitionRow): boolean =>
      isRenewed && etag !== undefined && this.#mine.get(partition)?.etag === etag;
    const pick = (partitions: readonly number[]): readonly StoredPartitionRow[] =>
      partitions.flatMap((partition) => rows[partition] ?? []);
    return [
      // What is on its way out here has to be gone before it can be ours again.
      ...pick([...plan.take, ...plan.keep])
        .filter((row) => !this.#held.isLeaving(row.partition) && !isAsWritten(row))
        .map((row) => this.#renewed(row)),
      ...pick(plan.handOver).map((row) =>
        this.#held.isLeaving(row.partition)
          ? { ...this.#renewed(row), nextOwner: row.nextOwner, isDraining: true }
          : released(row),
      ),
      ...pick(plan.ask).map((row) => ({ ...row, nextOwner: this.#me })),
    ];
  }

  #renewed(row: StoredPartitionRow): Change {
    const lastRenewalMs = this.#storageTimeMs() + STORAGE_TIME_PRECISION_MS + this.#leadOfOthersMs;
    const { ownedSinceMs = lastRenewalMs } = this.#held.owns(row.partition) ? row : {};
    return {
      partition: row.partition,
      etag: row.etag,
      owner: this.#me,
      nextOwner: undefined,
      isDraining: false,
      ownedSinceMs,
      lastRenewalMs,
      expiresAtMs: lastRenewalMs + this.#leaseMs(),
      doorbell: this.#options.doorbell?.(),
      app: this.#options.app?.(),
    };
  }

  async #write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const startedMs = this.#passedMs();
    const leastMs = this.#hasNothing()
      ? PATIENT_TIMEOUT_MS
      : this.#leftMs() - this.#options.leaseIntervalMs * SECOND_TRY_SHARE;
    const etags = await this.#timed(() => this.#options.table.write(changes, leastMs));
    for (const [index, change] of changes.entries()) {
      const { partition, owner, isDraining, lastRenewalMs = 0, expiresAtMs = 0 } = change;
      if (owner === this.#me) {
        this.#mine.set(partition, { ...change, etag: etags[index], writtenMs: undefined });
        const endMs = this.#loop.endMs(startedMs, expiresAtMs - lastRenewalMs);
        if (!isDraining && !this.#loop.isStopping) this.#held.hold(partition, endMs);
      } else {
        this.#mine.delete(partition);
      }
    }
  }

  /** Another worker took what we had: it works already. */
  #dropLost(rows: readonly StoredPartitionRow[]): void {
    const lost = this.#held.owned().filter((partition) => rows[partition]?.owner !== this.#me);
    for (const partition of lost) this.#mine.delete(partition);
    this.#loop.lose(lost, 'another worker has taken them');
  }

  async #beginToHandOver(partitions: readonly number[]): Promise<void> {
    const leaving = partitions
      .filter((partition) => this.#held.owns(partition))
      .map((partition) => this.#loop.handOver(partition));
    if (leaving.length > 0) await Promise.race([Promise.all(leaving), pause(QUICK_DRAIN_MS)]);
  }

  async #releaseRows(ours: readonly StoredPartitionRow[]): Promise<void> {
    for (let rows = ours, conflicts = 0; rows.length > 0; conflicts += 1) {
      try {
        await this.#options.table.write(rows.map(released));
        return;
      } catch (error) {
        if (!isContested(error) || conflicts === MAX_CONFLICTS) throw error;
        const view = await this.#options.table.read();
        rows = view.rows.filter(({ owner }) => owner === this.#me);
      }
    }
  }

  #learnTimes({ rows, storageTimeMs }: PartitionTableView): void {
    this.#storageAheadMs = (storageTimeMs ?? Date.now()) - this.#passedMs();
    const leads = rows.map(({ owner, lastRenewalMs, writtenMs }) =>
      owner === undefined || isOurWorker(owner) || owner === this.#me
        ? 0
        : (lastRenewalMs ?? 0) - (writtenMs ?? Infinity),
    );
    this.#leadOfOthersMs = Math.min(Math.max(0, ...leads), MAX_CLOCK_LEAD_MS);
  }

  #isExpired({ owner, nextOwner, ...times }: StoredPartitionRow): boolean {
    const who = owner ?? nextOwner;
    if (who === undefined || who === this.#me) return false;
    if (this.#isKnownDead(who)) return true;
    const endMs = claimEndMs(who, times);
    return endMs !== undefined && this.#storageTimeMs() >= endMs;
  }

  #storageTimeMs(): number {
    return this.#passedMs() + (this.#storageAheadMs ?? Date.now() - this.#passedMs());
  }

  async #read(): Promise<PartitionTableView> {
    const timeoutMs = this.#hasNothing() ? PATIENT_TIMEOUT_MS : undefined;
    return this.#timed(() => this.#options.table.read(timeoutMs));
  }

  async #timed<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const startedMs = this.#passedMs();
    try {
      return await call();
    } finally {
      const longestMs = this.#options.leaseIntervalMs * LONGEST_ANSWER_SHARE;
      const answerMs = Math.min(this.#passedMs() - startedMs, longestMs);
      this.#answersMs = [this.#answersMs[1], answerMs];
    }
  }

  #hasNothing(): boolean {
    return this.#held.owned().length === 0;
  }

  /** Until the first of our leases is over; Infinity when there is none. */
  #leftMs(): number {
    return this.#held.firstEndMs - this.#passedMs();
  }

  /** How long the next renewal may be put off where storage is as slow as it was just now, and others change something. */
  #spareMs(): number {
    return this.#leftMs() - MOST_ANSWERS * this.#answersMs[1];
  }

  #leaseMs(): number {
    const { leaseIntervalMs } = this.#options;
    const neededMs = this.#isResting() ? leaseIntervalMs * IDLE_FACTOR : leaseIntervalMs;
    // One alone may have been us, standing still.
    const answerMs = Math.min(...this.#answersMs);
    const isQuick = answerMs < leaseIntervalMs * QUICK_SHARE;
    return isQuick ? neededMs : neededMs + ANSWERS_IN_LEASE * answerMs;
  }

  /** Alone, and nothing to do for as long as others would need to notice that we are gone. */
  #isResting(): boolean {
    const quietMs = this.#passedMs() - this.#lastStirMs;
    return this.#isAlone && quietMs >= this.#options.leaseIntervalMs * IDLE_FACTOR;
  }

  /** How long nothing need be renewed: storage may be slow by then. */
  #restMs(): number {
    return this.#leftMs() - this.#options.leaseIntervalMs / 2;
  }

  #noteOthers(plan: PartitionPlan, partitionCount: number, isMoving: boolean): void {
    const owned = this.#held.owned();
    this.#isSettled = !isMoving;
    this.#isAlone = !isMoving && owned.length === partitionCount;
    if (!this.#isAlone) this.#lastStirMs = this.#passedMs();
    const others = [...plan.others].sort();
    const now = JSON.stringify([owned, others]);
    const isNews = now !== this.#told && !isMoving && (others.length > 0 || this.#told !== '');
    if (!isNews) return;
    this.#told = others.length > 0 ? now : '';
    const { log, taskHub } = this.#options;
    partitionsOwned(log, { taskHub, partitions: owned, others });
  }
}

function released(row: StoredPartitionRow): Change {
  return { ...row, owner: undefined, isDraining: false, doorbell: undefined, app: undefined };
}

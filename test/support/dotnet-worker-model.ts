/**
 * A .NET worker as far as it shares partitions by the table, rule by rule: PartitionManagerLoop and TableLeaseManager of
 * DurableTask.AzureStorage 2.x. It runs no work; what runs in a partition is the time that it takes to drain.
 *
 * It writes row by row, each guarded by the ETag that it read, and all that one look does has to be done within its operation timeout:
 * what is not reached by then is not renewed, and not claimed.
 */
import type { StoredPartitionRow } from '../../src/azure-storage/partitions/partition-table.ts';
import { pause } from '../../src/base/pause.ts';
import type { TableOfPartitions } from './partition-table-model.ts';

export interface DotnetWorkerOptions {
  readonly leaseIntervalMs: number;
  readonly acquireIntervalMs: number;
  /** @default at once */
  readonly drainMs?: () => number;
  /** `partitionTableOperationTimeout`. @default 2 s, as there */
  readonly operationTimeoutMs?: number;
}

type Row = { -readonly [K in keyof StoredPartitionRow]: StoredPartitionRow[K] };

const SOON_MS = 1_000;
const MAX_FAILURES = 10;
const CLAIM_MS = 60_000;

export class DotnetWorkerModel {
  readonly name: string;
  readonly #table: TableOfPartitions;
  readonly #options: DotnetWorkerOptions;
  /** By partition, whether it is drained. */
  readonly #drains = new Map<number, boolean>();
  readonly #stopping = new AbortController();
  #isKilled = false;
  #running: Promise<void> = Promise.resolve();

  /** @param name the name of its machine, as such workers call themselves. */
  constructor(name: string, table: TableOfPartitions, options: DotnetWorkerOptions) {
    this.name = name;
    this.#table = table;
    this.#options = options;
  }

  begin(): void {
    this.#running = this.#loop();
  }

  /** Resolves when it has let go of everything. */
  end(): Promise<void> {
    this.#stopping.abort();
    return this.#running;
  }

  /** Whatever it has sent may still be done. */
  kill(): void {
    this.#isKilled = true;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #loop(): Promise<void> {
    for (let failures = 0; !this.#isKilled;) {
      let sleepMs = this.#options.acquireIntervalMs;
      const isStopping = this.#isStopping;
      try {
        const look = new Look(this.name, this.#drains, isStopping, this.#options);
        const isDone = await this.#withinTimeout((replace, read) => look.follow(read, replace));
        if (isDone) return;
        if (look.isMoving) sleepMs = SOON_MS;
        failures = 0;
      } catch {
        failures += 1;
      }
      if (failures > 0 && failures < MAX_FAILURES) sleepMs = 0;
      await pause(sleepMs, isStopping ? undefined : this.#stopping.signal);
    }
  }

  /** What is under way when the time is over is done or not, without being told of. */
  async #withinTimeout(
    follow: (replace: Replace, read: Read) => Promise<boolean>,
  ): Promise<boolean> {
    const timeout = new AbortController();
    const checkTime = (): void => {
      if (timeout.signal.aborted || this.#isKilled) throw new Error('It is over.');
    };
    const call = async <Answer>(asked: () => Promise<Answer>): Promise<Answer> => {
      checkTime();
      const answer = await asked();
      checkTime();
      return answer;
    };
    const followed = follow(
      (row) => call(() => this.#table.write([row])),
      () => call(async () => (await this.#table.read()).rows.map(withoutOurColumns)),
    );
    followed.catch(() => undefined);
    const over = pause(this.#options.operationTimeoutMs ?? 2_000, timeout.signal).then(() => {
      throw new Error('Operation to read and write the partition table exceeded the timeout.');
    });
    over.catch(() => undefined);
    try {
      return await Promise.race([followed, over]);
    } finally {
      timeout.abort();
    }
  }
}

/** It replaces rows by what it knows of them. */
function withoutOurColumns(row: StoredPartitionRow): Row {
  return { ...row, doorbell: undefined, app: undefined };
}

type Read = () => Promise<Row[]>;
type Replace = (row: Row) => Promise<unknown>;

/** ReadAndWriteTableAsync. */
class Look {
  readonly #me: string;
  readonly #drains: Map<number, boolean>;
  readonly #isStopping: boolean;
  readonly #options: DotnetWorkerOptions;
  readonly #distribution = new Map<string, Row[]>();
  #mine = 0;
  /** Something is drained here, or waited for. */
  isMoving = false;

  constructor(
    me: string,
    drains: Map<number, boolean>,
    isStopping: boolean,
    options: DotnetWorkerOptions,
  ) {
    this.#me = me;
    this.#drains = drains;
    this.#isStopping = isStopping;
    this.#options = options;
  }

  /** @returns whether nothing is left to be let go of, when it stops. */
  async follow(read: Read, replace: Replace): Promise<boolean> {
    const rows = await read();
    for (const row of rows) {
      const isChanged = this.#isStopping ? this.#giveBack(row) : this.#judge(row);
      if (isChanged) await replace(row);
    }
    await this.#balance(rows.length, replace);
    return this.#isStopping && this.#mine === 0;
  }

  /** TryClaimLease, CheckOtherWorkersLeases and RenewOrReleaseMyLease. @returns whether the row is to be written. */
  #judge(row: Row): boolean {
    if (this.#isFree(row)) this.#claim(row);
    if (row.owner === this.#me) {
      if (row.nextOwner !== undefined) return this.#drain(row);
      this.#mine += 1;
      this.#renew(row);
      return true;
    }
    if (row.nextOwner === undefined && row.isDraining) {
      row.nextOwner = this.#me;
      this.isMoving = true;
      return true;
    }
    const owner = row.nextOwner ?? row.owner ?? '';
    if (owner === this.#me) {
      this.#mine += 1;
      this.isMoving = true;
    } else {
      this.#distribution.set(owner, [...(this.#distribution.get(owner) ?? []), row]);
    }
    return false;
  }

  #isFree({ owner, nextOwner, expiresAtMs }: Row): boolean {
    const isLeft = owner === undefined && (nextOwner === undefined || nextOwner === this.#me);
    return isLeft || (expiresAtMs !== undefined && Date.now() >= expiresAtMs);
  }

  #claim(row: Row): void {
    const nowMs = Date.now();
    row.owner = this.#me;
    row.nextOwner = undefined;
    row.ownedSinceMs = nowMs;
    row.lastRenewalMs = nowMs;
    row.expiresAtMs = nowMs + CLAIM_MS;
    row.isDraining = false;
  }

  #renew(row: Row): void {
    row.lastRenewalMs = Date.now();
    row.expiresAtMs = Date.now() + this.#options.leaseIntervalMs;
  }

  /** TryDrainAndReleaseAllPartitions. */
  #giveBack(row: Row): boolean {
    this.isMoving = true;
    if (row.owner !== this.#me) return false;
    this.#mine += 1;
    const isChanged = this.#drain(row);
    if (!this.#drains.has(row.partition)) this.#mine -= 1;
    return isChanged;
  }

  /** CheckDrainTask. */
  #drain(row: Row): boolean {
    this.isMoving = true;
    const isDrained = this.#drains.get(row.partition);
    if (isDrained === true) {
      this.#drains.delete(row.partition);
      row.isDraining = false;
      row.owner = undefined;
      return true;
    }
    if (isDrained === undefined) {
      this.#drains.set(row.partition, false);
      void pause(this.#options.drainMs?.() ?? 0).then(() => this.#drains.set(row.partition, true));
      row.isDraining = true;
    }
    this.#renew(row);
    return true;
  }

  /** BalanceLeasesAsync. */
  async #balance(partitionCount: number, replace: Replace): Promise<void> {
    if (this.#distribution.size === 0) return;
    const average = Math.floor(partitionCount / (this.#distribution.size + 1));
    if (average < this.#mine) return;
    for (const owned of this.#distribution.values()) {
      let wanted = average - this.#mine;
      if (wanted < 0) break;
      const excess = owned.length - average;
      if (excess <= 0) continue;
      if (wanted === 0 && excess > 1) wanted = 1;
      for (const row of owned.slice(0, Math.min(wanted, excess))) {
        this.#mine += 1;
        row.nextOwner = this.#me;
        await replace(row);
        this.isMoving = true;
      }
    }
  }
}

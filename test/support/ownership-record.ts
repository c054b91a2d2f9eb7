/**
 * Who reads which control queue, and who has the partition meanwhile, as storage is told: seen from outside, in the requests of each
 * worker, which come through a proxy of its own. It works for all ways of sharing partitions, and for .NET workers.
 *
 * R1 Whoever reads has the partition by what storage was told, and its time is not over.
 * R2 Where a partition is taken away before its reader knows (leases of blobs, the legacy way), that one may read until the next one
 *    has begun to, and never again.
 */
import { startStorageProxy, type StorageAnswer, type StorageRequest } from './storage-proxy.ts';

/** A worker as the record knows it. */
export interface WatchedWorker {
  readonly name: string;
  readonly connectionString: string;
  /** The process, by which ours name themselves in the table. A .NET worker needs none. */
  pid: number | undefined;
  stop(): Promise<void>;
}

/** A time during which one worker read a partition. */
export interface Tenure {
  readonly worker: string;
  readonly partition: number;
  /** Of the first and the last read, in ms since the record began. */
  readonly fromMs: number;
  toMs: number;
}

interface Claimed {
  holder: string | undefined;
  untilMs: number;
  /** R2: who read it when it was taken away. */
  former: string | undefined;
  reader: string | undefined;
}

interface PartitionRowText {
  readonly RowKey?: string;
  readonly CurrentOwner?: string | null;
  readonly LastRenewal?: string | null;
  readonly ExpiresAt?: string | null;
}

const READ = /^\/[^/]+\/[^/]+-control-(\d\d)\/messages(?:\?(?!.*peekonly=true)|$)/;
const LEASE = /^\/[^/]+\/[^/]+-leases\/(ownership|default)\/[^?]+-control-(\d\d)\?.*comp=lease/;
const CONTROL_QUEUE = /-control-(\d\d)$/;
/** Times in the table are those of storage, cut to seconds and moved by one. */
const PRECISION_MS = 2_000;

export class OwnershipRecord {
  readonly tenures: Tenure[] = [];
  /** What was read by whom it did not belong to. */
  readonly wrongReads: string[] = [];
  /** The longest time that a partition was not read, after it had been for the first time. */
  longestUnread = { partition: -1, ms: 0, fromMs: 0 };
  reads = 0;
  readonly #begunMs = performance.now();
  readonly #claims = new Map<number, Claimed>();
  readonly #tenureOf = new Map<number, Tenure>();

  /** @param account connection string of storage. @param pid see `WatchedWorker`. */
  async watch(name: string, account: string): Promise<WatchedWorker> {
    const proxy = await startStorageProxy(account, async (request, send) => {
      this.#noteRead(worker, request);
      const answer = await send();
      this.#noteClaims(worker, request, answer);
      return answer;
    });
    const worker: WatchedWorker = {
      name,
      connectionString: proxy.connectionString,
      pid: undefined,
      stop: () => proxy.stop(),
    };
    return worker;
  }

  /** How many partitions changed hands, the first reader of each not counted. */
  get moves(): number {
    return this.tenures.length - this.#tenureOf.size;
  }

  /** By worker: the partitions that it was the last one to read. */
  shares(): ReadonlyMap<string, readonly number[]> {
    const shares = new Map<string, number[]>();
    for (const { worker, partition } of this.#tenureOf.values()) {
      shares.set(worker, [...(shares.get(worker) ?? []), partition].sort());
    }
    return shares;
  }

  #nowMs(): number {
    return Math.round(performance.now() - this.#begunMs);
  }

  #noteRead({ name }: WatchedWorker, { method, url }: StorageRequest): void {
    const queue = method === 'GET' ? READ.exec(url)?.[1] : undefined;
    if (queue === undefined) return;
    const partition = Number(queue);
    const nowMs = this.#nowMs();
    this.reads += 1;
    this.#judge(name, partition, nowMs);
    const last = this.#tenureOf.get(partition);
    const unreadMs = last === undefined ? 0 : nowMs - last.toMs;
    if (unreadMs > this.longestUnread.ms) {
      this.longestUnread = { partition, ms: unreadMs, fromMs: nowMs - unreadMs };
    }
    if (last?.worker === name) {
      last.toMs = nowMs;
      return;
    }
    const tenure = { worker: name, partition, fromMs: nowMs, toMs: nowMs };
    this.#tenureOf.set(partition, tenure);
    this.tenures.push(tenure);
  }

  #judge(name: string, partition: number, nowMs: number): void {
    const claimed = this.#claimOf(partition);
    const { holder, untilMs, former } = claimed;
    if (former === name) return;
    if (holder === name && nowMs <= untilMs + PRECISION_MS) {
      claimed.former = undefined;
      claimed.reader = name;
      return;
    }
    const whose = holder === name ? `its own until ${untilMs}` : `${holder ?? 'nobody'}'s`;
    this.wrongReads.push(`${name} read partition ${partition} at ${nowMs}, which was ${whose}`);
  }

  #noteClaims(worker: WatchedWorker, request: StorageRequest, answer: StorageAnswer): void {
    const [, folder, queue] = LEASE.exec(request.url) ?? [];
    if (queue !== undefined) {
      if (answer.status < 300) this.#noteLease(worker.name, Number(queue), folder, request);
      return;
    }
    if (request.method === 'GET' || !request.url.includes('Partitions(')) {
      const isBatch = request.url.endsWith('/$batch') && request.body.includes('Partitions(');
      if (!isBatch) return;
    }
    const isRefused = /HTTP\/1\.1 [45]\d\d/.test(answer.body.toString('latin1'));
    if (answer.status >= 300 || isRefused) return;
    for (const [text] of request.body.toString('utf8').matchAll(/^\{.*\}/gm)) {
      this.#noteRow(worker, JSON.parse(text) as PartitionRowText);
    }
  }

  #noteRow(worker: WatchedWorker, row: PartitionRowText): void {
    const queue = CONTROL_QUEUE.exec(row.RowKey ?? '')?.[1];
    if (queue === undefined) return;
    const owner = row.CurrentOwner ?? '';
    if (owner === '') {
      this.#release(worker.name, Number(queue));
      return;
    }
    // Whoever asks for a partition writes the row of its owner.
    const isOwn =
      worker.pid === undefined ? !owner.includes(':') : owner.includes(`:${worker.pid}:`);
    if (!isOwn) return;
    const leaseMs = Date.parse(row.ExpiresAt ?? '') - Date.parse(row.LastRenewal ?? '');
    const claimed = this.#claimOf(Number(queue));
    claimed.holder = worker.name;
    claimed.untilMs = this.#nowMs() + leaseMs;
    claimed.former = undefined;
  }

  #noteLease(
    name: string,
    partition: number,
    folder: string | undefined,
    { headers }: StorageRequest,
  ): void {
    const claimed = this.#claimOf(partition);
    const durationMs = Number(headers['x-ms-lease-duration'] ?? 0) * 1000;
    switch (headers['x-ms-lease-action']) {
      case 'acquire':
        claimed.holder = name;
        claimed.former = undefined;
        this.#leaseMs = durationMs;
        claimed.untilMs = this.#nowMs() + durationMs;
        return;
      case 'change':
        if (folder === 'default' && claimed.reader !== name) claimed.former = claimed.reader;
        claimed.holder = name;
        return;
      case 'renew':
        if (claimed.holder === name) claimed.untilMs = this.#nowMs() + this.#leaseMs;
        return;
      default:
        this.#release(name, partition);
    }
  }

  /** All workers of a test have the same. */
  #leaseMs = 0;

  #release(name: string, partition: number): void {
    const claimed = this.#claimOf(partition);
    if (claimed.holder === name) claimed.holder = undefined;
  }

  #claimOf(partition: number): Claimed {
    const known = this.#claims.get(partition);
    if (known !== undefined) return known;
    const none = { holder: undefined, untilMs: 0, former: undefined, reader: undefined };
    this.#claims.set(partition, none);
    return none;
  }
}

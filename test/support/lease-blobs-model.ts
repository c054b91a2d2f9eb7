/** Lease blobs without storage, on the clock of the test: leases run out, are taken away, and are refused to whoever lost them. */
import { randomUUID } from 'node:crypto';
import { pause } from '../../src/base/pause.ts';
import type { LeaseStore } from '../../src/azure-storage/partitions/held-leases.ts';
import type {
  LeaseFolder,
  LeasesByFolder,
  OwnerNote,
  OwnLease,
  StoredLease,
} from '../../src/azure-storage/partitions/lease-blobs.ts';

interface Blob {
  owner: string | undefined;
  token: string | undefined;
  epoch: number;
  note: OwnerNote;
  leaseId: string | undefined;
  untilMs: number;
}

export class LeaseBlobsModel implements LeaseStore {
  readonly leaseMs: number;
  readonly #latencyMs: () => number;
  readonly #folders: Record<LeaseFolder, Blob[]>;
  readonly requests: string[] = [];

  constructor(partitionCount: number, leaseMs = 30_000, latencyMs: () => number = () => 10) {
    this.leaseMs = leaseMs;
    this.#latencyMs = latencyMs;
    const blobs = () => Array.from({ length: partitionCount }, newBlob);
    this.#folders = { intent: blobs(), ownership: blobs(), default: blobs() };
  }

  /** What storage tells at this moment. */
  get leases(): LeasesByFolder {
    const stored = (folder: LeaseFolder): StoredLease[] =>
      this.#folders[folder].map((blob, partition) => ({
        folder,
        partition,
        owner: blob.owner,
        token: blob.token,
        epoch: blob.epoch,
        ...blob.note,
        isLeased: isLeased(blob),
      }));
    return {
      intent: stored('intent'),
      ownership: stored('ownership'),
      default: stored('default'),
    };
  }

  owners(folder: LeaseFolder): readonly (string | undefined)[] {
    return this.leases[folder].map(({ owner, isLeased }) => (isLeased ? owner : undefined));
  }

  /** As a .NET worker takes it: by a new id in place of the one that is written in the blob, and a text of its own. */
  takeAway(folder: LeaseFolder, partition: number, owner: string): OwnLease {
    const blob = this.#blob({ folder, partition });
    const token = randomUUID();
    if (!isLeased(blob)) blob.untilMs = Date.now() + this.leaseMs;
    Object.assign(blob, { owner, token, leaseId: token, epoch: blob.epoch + 1 });
    return { folder, partition, token, epoch: blob.epoch };
  }

  async read(): Promise<LeasesByFolder> {
    await this.#travel('read');
    const answer = this.leases;
    await this.#travel();
    return answer;
  }

  async take(lease: StoredLease, owner: string, note: OwnerNote): Promise<OwnLease | undefined> {
    await this.#travel(`take ${lease.folder}`);
    const blob = this.#blob(lease);
    if (isLeased(blob) ? blob.leaseId !== lease.token : lease.isLeased) return undefined;
    const token = randomUUID();
    blob.leaseId = token;
    blob.untilMs = Date.now() + this.leaseMs;
    // The text is written by another request: until then it says whose the lease was.
    await this.#travel('write');
    if (blob.leaseId !== token) return undefined;
    Object.assign(blob, { owner, token, epoch: lease.epoch + 1, note });
    await this.#travel();
    return { folder: lease.folder, partition: lease.partition, token, epoch: lease.epoch + 1 };
  }

  async renew(own: OwnLease): Promise<boolean> {
    await this.#travel(`renew ${own.folder}`);
    const blob = this.#blob(own);
    const isOurs = blob.leaseId === own.token;
    if (isOurs) blob.untilMs = Date.now() + this.leaseMs;
    await this.#travel();
    return isOurs;
  }

  async giveBack(own: OwnLease, nextOwner?: string): Promise<void> {
    await this.#travel(`give back ${own.folder}`);
    const blob = this.#blob(own);
    if (blob.leaseId === own.token && isLeased(blob)) {
      Object.assign(blob, { owner: undefined, token: undefined, note: { nextOwner } });
      await this.#travel('release');
      if (blob.leaseId === own.token) blob.leaseId = undefined;
    }
    await this.#travel();
  }

  #blob({ folder, partition }: Pick<StoredLease, 'folder' | 'partition'>): Blob {
    const blob = this.#folders[folder][partition];
    if (blob === undefined) throw new Error(`There is no partition ${partition}.`);
    return blob;
  }

  async #travel(request?: string): Promise<void> {
    if (request !== undefined) this.requests.push(request);
    await pause(this.#latencyMs());
  }
}

function newBlob(): Blob {
  return {
    owner: undefined,
    token: undefined,
    epoch: 0,
    note: {},
    leaseId: undefined,
    untilMs: 0,
  };
}

function isLeased({ leaseId, untilMs }: Blob): boolean {
  return leaseId !== undefined && Date.now() < untilMs;
}

/**
 * A host's time in a hub: it claims the hub, hears when others put something, and sees when the hub is deleted or created anew.
 */
import {
  claimHub,
  beginBeat,
  doorbellOf,
  type HubOwner,
  newOwner,
  newOwnerId,
  releaseHub,
  writtenOwner,
} from './hub-owner.ts';
import { type Doorbell, openDoorbell } from './doorbell.ts';
import type { HubDatabase } from './hub-database.ts';

export interface HubTenancyOptions {
  readonly database: HubDatabase;
  readonly folder: string;
  /** The hub is this host's: begins to work. */
  readonly began: () => void;
  /** The hub is gone, or somebody else's: what was read from it is of no use any more. */
  readonly lost: () => void;
  /** Others may have put something. */
  readonly look: () => void;
  /** Told of what keeps the host from working on the hub, once. */
  readonly failed: (error: unknown) => void;
}

/** The truth behind the doorbell. A look that finds nothing costs some microseconds. */
const LOOK_INTERVAL_MS = 250;

export class HubTenancy {
  readonly #options: HubTenancyOptions;
  #owner: HubOwner | undefined;
  #doorbell: Doorbell | undefined;
  #endBeat: (() => void) | undefined;
  #looks: NodeJS.Timeout | undefined;
  #isWorking = false;
  #isClaiming = false;
  #hasFailed = false;

  constructor(options: HubTenancyOptions) {
    this.#options = options;
  }

  get isBegun(): boolean {
    return this.#owner !== undefined;
  }

  /** @throws {DurableError} `CONFIG`, naming another host that works on the hub. */
  async begin(): Promise<void> {
    const { database, folder, began } = this.#options;
    const id = newOwnerId();
    const doorbell = await openDoorbell(folder, doorbellOf(id), () => {
      this.#look();
    });
    const owner = newOwner(new Date(), doorbell !== undefined, id);
    try {
      await claimHub(database, folder, owner);
      this.#endBeat = await beginBeat(folder);
    } catch (error) {
      await doorbell?.close();
      throw error;
    }
    this.#owner = owner;
    this.#doorbell = doorbell;
    this.#looks = setInterval(() => {
      this.#look();
    }, LOOK_INTERVAL_MS).unref();
    this.#isWorking = true;
    began();
  }

  /** The hub is free for others. */
  async end(): Promise<void> {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#owner = undefined;
    this.#isWorking = false;
    clearInterval(this.#looks);
    this.#endBeat?.();
    await this.#doorbell?.close();
    try {
      await releaseHub(this.#options.database, owner);
    } catch (error) {
      // The name that stays behind is nobody's: others see that, too.
      this.#options.failed(error);
    }
  }

  #look(): void {
    try {
      if (this.#isOurs()) this.#options.look();
      else void this.#claimAgain();
      this.#hasFailed = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #isOurs(): boolean {
    const { database } = this.#options;
    return database.exists() && database.read(writtenOwner)?.id === this.#owner?.id;
  }

  /** Somebody deleted the hub. */
  async #claimAgain(): Promise<void> {
    const { database, folder, lost, began } = this.#options;
    if (this.#owner === undefined || this.#isClaiming) return;
    if (this.#isWorking) lost();
    this.#isWorking = false;
    if (!database.exists()) return;
    this.#isClaiming = true;
    try {
      await claimHub(database, folder, { ...this.#owner, doorbell: null });
      if (!this.isBegun) return;
      this.#isWorking = true;
      began();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isClaiming = false;
    }
  }

  #fail(error: unknown): void {
    if (!this.#hasFailed) this.#options.failed(error);
    this.#hasFailed = true;
  }
}

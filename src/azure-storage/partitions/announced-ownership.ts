/**
 * Ownership whose worker can be known by others also while it owns nothing, and knows of those that own nothing. Neither costs a request
 * where every worker has more than one partition: then there is none without.
 */
import { errorText, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { IdleWorkers } from './idle-workers.ts';
import type { HubWorker, PartitionListener, PartitionOwnership } from './partition-ownership.ts';
import type { LiveWorker } from './partition-turns.ts';

export interface AnnouncedOwnershipOptions {
  /** @param told what it is to tell of its rounds. */
  readonly open: (told: LookListener) => PartitionOwnership;
  readonly idle: Pick<IdleWorkers, 'known' | 'isAnnounced' | 'announce' | 'withdraw' | 'list'>;
  readonly partitionCount: number;
  /** Told who works on the hub as often as it is looked at; `undefined`: it is not looked at any more. */
  readonly onRead: (workers: readonly HubWorker[] | undefined) => void;
  /** Told that this worker has come, owns nothing, and can be known by all who look. */
  readonly onAnnounced: () => void;
  readonly log: Logger;
}

export interface LookListener {
  readonly onRead: (owners: readonly HubWorker[] | undefined) => void;
  readonly onLooked: (ownsAny: boolean) => void;
}

export class AnnouncedOwnership implements PartitionOwnership {
  readonly #options: AnnouncedOwnershipOptions;
  readonly #inner: PartitionOwnership;
  /** What is being said of this worker. Never rejects. */
  #saying: Promise<void> = Promise.resolve();
  #isReading = false;
  #isListing = false;

  constructor(options: AnnouncedOwnershipOptions) {
    this.#options = options;
    this.#inner = options.open({
      onRead: (owners) => {
        this.#noteOwners(owners);
      },
      onLooked: (ownsAny) => {
        this.#noteOwn(ownsAny);
      },
    });
  }

  /** Whoever has nothing yet can be known to others from then on: they leave to it what only it can do. */
  async start(listener: PartitionListener): Promise<void> {
    await this.#inner.start(listener);
    await this.#saying;
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#inner.stop(signal);
  }

  async release(): Promise<void> {
    await this.#inner.release();
    this.#say(() => this.#options.idle.withdraw());
    await this.#saying;
  }

  owns(partition: number): boolean {
    return this.#inner.owns(partition);
  }

  epoch(partition: number): number {
    return this.#inner.epoch(partition);
  }

  look(): void {
    this.#inner.look();
  }

  leaveTo(app: string, partition: number): void {
    this.#inner.leaveTo(app, partition);
  }

  #noteOwn(ownsAny: boolean): void {
    const { idle, onAnnounced } = this.#options;
    if (ownsAny) {
      if (idle.isAnnounced) this.#say(() => idle.withdraw());
      return;
    }
    const isNews = !idle.isAnnounced;
    this.#say(async () => {
      await idle.announce();
      if (isNews) onAnnounced();
    });
  }

  #noteOwners(owners: readonly HubWorker[] | undefined): void {
    const { idle, onRead, partitionCount } = this.#options;
    this.#isReading = owners !== undefined;
    if (owners === undefined) {
      onRead(undefined);
      return;
    }
    onRead([...owners, ...idle.known.map(asWorker)]);
    const names = owners.flatMap(({ owner }) => owner ?? []);
    // Shares differ by one at most: where somebody has two, nobody has none for long.
    if (new Set(names).size === partitionCount) void this.#list(owners);
  }

  async #list(owners: readonly HubWorker[]): Promise<void> {
    if (this.#isListing) return;
    this.#isListing = true;
    try {
      const found = await this.#options.idle.list();
      if (this.#isReading) this.#options.onRead([...owners, ...found.map(asWorker)]);
    } catch (error) {
      this.#failed('who waits for work', error);
    } finally {
      this.#isListing = false;
    }
  }

  #say(what: () => Promise<void>): void {
    this.#saying = this.#saying.then(what).catch((error: unknown) => {
      this.#failed('that this worker owns nothing', error);
    });
  }

  /** Less is known then, until the next look; whoever needs storage says that it is away. */
  #failed(what: string, error: unknown): void {
    const message = `It could not be told or found out ${what}: ${errorText(error)}`;
    text(this.#options.log, 'debug', 'Host.Triggers.DurableTask', message, error);
  }
}

export function asWorker({ name, app, doorbell }: LiveWorker): HubWorker {
  return { owner: name, app, doorbell };
}

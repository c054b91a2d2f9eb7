/** A worker that shares the partitions of a table without storage, on the clock of the test: what `TableOwnership` makes of it. */
import { vi } from 'vitest';
import { pause } from '../../src/base/pause.ts';
import type { LiveWorker } from '../../src/azure-storage/partitions/partition-turns.ts';
import { TableOwnership } from '../../src/azure-storage/partitions/table-ownership.ts';
import { silentLogger, type LogRecord } from '../../src/telemetry/log.ts';
import { notingListener, type TableOfPartitions } from './partition-table-model.ts';

export const LEASE_MS = 30_000;
export const LOOK_MS = 10_000;
const PARTITIONS = Array.from({ length: 16 }, (_, partition) => partition);

/** On fake timers. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

export interface TableWorkerOptions {
  /** By which others know what it runs. */
  readonly app?: string;
  /** @default of nobody */
  readonly isKnownDead?: (name: string) => boolean;
  /** See `TableOwnershipOptions`. */
  readonly idleWorkers?: () => readonly LiveWorker[];
  /** How long what runs in a partition takes to end. @default not at all */
  readonly drainMs?: () => number;
}

let nextWorker = 0;

/** A worker as a process: it can stand still, and then goes on as if no time had passed. */
export class TableWorker {
  readonly name = `elsewhere:1:00000000:${String(++nextWorker).padStart(6, '0')}`;
  readonly told: string[] = [];
  readonly records: LogRecord[] = [];
  readonly ownership: TableOwnership;
  isIdle = false;
  app: string;
  readonly #drainMs: () => number;
  #stoodStillAtMs: number | undefined;
  #goOn: (() => void) | undefined;
  #moving: Promise<void> = Promise.resolve();

  constructor(table: TableOfPartitions, options: TableWorkerOptions = {}) {
    this.app = options.app ?? 'a1b2';
    this.#drainMs = options.drainMs ?? (() => 0);
    this.ownership = new TableOwnership({
      taskHub: 'Hub',
      table: {
        read: (timeoutMs) => this.#whenMoving(() => table.read(timeoutMs)),
        write: (rows) => this.#whenMoving(() => table.write(rows)),
      },
      leaseIntervalMs: LEASE_MS,
      acquireIntervalMs: LOOK_MS,
      isIdle: () => this.isIdle,
      doorbell: () => ({ url: 'http://127.0.0.1:17071/doorbell', key: this.name }),
      app: () => this.app,
      log: { ...silentLogger, write: (record) => void this.records.push(record) },
      workerName: this.name,
      passedMs: () => this.#stoodStillAtMs ?? performance.now(),
      isKnownDead: options.isKnownDead ?? (() => false),
      idleWorkers: options.idleWorkers ?? (() => []),
    });
  }

  /** Begins with the time of the test standing still: the first look is over later. */
  begin(): Promise<void> {
    const drained = (_: number, signal: AbortSignal): Promise<void> =>
      pause(this.#drainMs(), signal);
    return this.ownership.start(notingListener(this.told, drained));
  }

  async start(): Promise<this> {
    const started = this.begin();
    await pass(200);
    await started;
    return this;
  }

  /** The same for the end. */
  end(): Promise<void> {
    return this.ownership.stop(AbortSignal.abort()).then(() => this.ownership.release());
  }

  async stop(): Promise<void> {
    const stopped = this.end();
    await pass(3_000);
    await stopped;
  }

  standStill(): void {
    this.#stoodStillAtMs = performance.now();
    this.#moving = new Promise((resolve) => (this.#goOn = resolve));
  }

  goOn(): void {
    this.#stoodStillAtMs = undefined;
    this.#goOn?.();
  }

  /** The partitions whose queues it reads at the moment. */
  get reads(): readonly number[] {
    if (this.#stoodStillAtMs !== undefined) return [];
    return PARTITIONS.filter((partition) => this.ownership.owns(partition));
  }

  get warnings(): readonly string[] {
    return this.records.filter(({ level }) => level === 'warning').map(({ message }) => message);
  }

  async #whenMoving<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await this.#moving;
    const answer = await call();
    await this.#moving;
    return answer;
  }
}

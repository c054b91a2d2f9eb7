/**
 * Two workers of one hub in Azure Storage that takes a third of a lease for each answer, as 10 s are of 30: neither loses a partition,
 * and what is started ends, each step once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartitionWay } from '../../src/azure-storage/partitions/partition-options.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { FaultyProxy } from '../support/faulty-proxy.ts';
import { LIFECYCLE_APP, runsBelow } from '../support/lifecycle-app.ts';
import { LONG, LONG_MS } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

/** Leases of blobs last no less. */
const LEASE_MS = 15_000;
const SLOW_MS = LEASE_MS / 3;
const LONG_PATIENCE = { timeoutMs: 150_000, intervalMs: 200 };

let app: SdkApp;
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
}, LONG_MS);
afterAll(async () => {
  await app.dispose();
});

class SharedHub {
  readonly proxy: FaultyProxy;
  /** What the workers said of their partitions, in order. */
  readonly moves: LogRecord[] = [];
  readonly #workers: readonly AzureHub[];
  readonly #observer: AzureHub;

  constructor(way: PartitionWay, proxy: FaultyProxy) {
    this.proxy = proxy;
    const log = {
      write: (record: LogRecord) => {
        if (record.event?.startsWith('Partitions') === true) this.moves.push(record);
      },
    };
    const first = new AzureHub(
      {
        account: proxy.connectionString,
        partitionCount: 4,
        controlQueueVisibilityTimeoutMs: 2 * LEASE_MS,
        workItemQueueVisibilityTimeoutMs: 2 * LEASE_MS,
        partitions: {
          way,
          leaseIntervalMs: LEASE_MS,
          acquireIntervalMs: LEASE_MS / 3,
          operationTimeoutMs: LEASE_MS / 15,
        },
        log,
      },
      { invoker: app.invoker },
    );
    this.#workers = [first, new AzureHub(first.options, { invoker: app.invoker })];
    this.#observer = first.observer(azuriteConnectionString());
  }

  get client() {
    return this.#observer.client;
  }

  /** Resolves when each worker has its share. */
  async start(): Promise<void> {
    for (const worker of this.#workers) await worker.start();
    await eventually(() => {
      const shares = this.moves.slice(-2).map(({ fields }) => String(fields['partitions']));
      return shares.length === 2 && shares.every((share) => share.split(',').length === 2);
    }, LONG_PATIENCE);
  }

  ended(instanceId: string) {
    return this.#observer.ended(instanceId, LONG_PATIENCE);
  }

  async stop(): Promise<void> {
    this.proxy.cast(undefined);
    for (const worker of this.#workers) await worker.stop();
    await this.#observer.backend.deleteHub();
    await this.proxy.stop();
  }
}

describe('two workers whose storage is slow', () => {
  it.concurrent.each(['table', 'leases', 'legacyLeases'] as const)(
    'keep their partitions, and run each step once, by %s',
    LONG,
    async (way) => {
      const hub = new SharedHub(way, await FaultyProxy.start(azuriteConnectionString()));
      try {
        await hub.start();
        hub.moves.length = 0;
        hub.proxy.cast({ waitMs: SLOW_MS });
        const numbers = [0, 1, 2, 3];
        const ids = await Promise.all(
          numbers.map((n) =>
            hub.client.start({
              name: 'Fan',
              input: JSON.stringify({ key: `slow-${way}-${n}`, failing: [] }),
            }),
          ),
        );
        for (const id of ids) expect((await hub.ended(id)).runtimeStatus).toBe('Completed');

        expect(hub.moves.map(({ message }) => message)).toEqual([]);
        const runs = Object.values(runsBelow(`slow-${way}-`));
        expect(runs).toEqual(Array(16).fill(1));
      } finally {
        await hub.stop();
      }
    },
  );
});

/**
 * The functions with a blob trigger: their containers are scanned; what is found is put into the app's own queue, each version of a
 * blob once by its receipt; the messages of that queue run the functions. Mirrors BlobListenerFactory and SharedBlobQueueListener.
 */
import { setMaxListeners } from 'node:events';
import { DurableError, InvalidInputError } from '../../core/errors.ts';
import type {
  FunctionApp,
  FunctionProblem,
  InvocationRequest,
} from '../../function-app/function-app.ts';
import type { LoadedFunction } from '../../function-app/function-declaration.ts';
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { runFunction } from '../../triggers/run-function.ts';
import { parseBlobPath } from '../blob-path.ts';
import { QueueListener } from '../queue-listener.ts';
import { decodeBody, encodeBody, putMessage } from '../queue-message.ts';
import { type MessageWork, reasonOf, runMessage } from '../queue-run.ts';
import type { StorageAccounts } from '../storage-account.ts';
import type { StorageWatcher } from '../storage-watcher.ts';
import { type HeldMessage, TriggerQueue } from '../trigger-queue.ts';
import { blobFunction, type BlobFunction } from './blob-function.ts';
import { blobMessage, blobQueueName, parseBlobMessage, POISON_QUEUE } from './blob-message.ts';
import { BlobReceipts, type FoundBlob } from './blob-receipts.ts';
import { blobRequest } from './blob-request.ts';
import { ContainerScan, type ScannedBlob } from './container-scan.ts';
import { readTriggeringBlob } from './triggering-blobs.ts';

/** `extensions.blobs` of host.json, and how often an idle queue is looked at. */
export interface BlobSettings {
  readonly maxDegreeOfParallelism: number;
  readonly poisonBlobThreshold: number;
  readonly maxPollingIntervalMs: number;
}

export interface BlobTriggersOptions {
  readonly app: Pick<FunctionApp, 'functions' | 'invoke'>;
  readonly accounts: StorageAccounts;
  readonly hostId: string;
  readonly settings: BlobSettings;
  readonly watcher: StorageWatcher;
  readonly log: Logger;
}

export interface BlobTriggers {
  /** Functions whose blobs cannot be listened to. */
  readonly problems: readonly FunctionProblem[];
  start(): void;
  /** Resolves when no blob is in work any more; at `abort` gives back what is. */
  stop(abort: AbortSignal): Promise<void>;
  /**
   * The invocation for a blob that somebody names by hand, `container/name`.
   * @throws {DurableError} when there is no such blob, or it cannot be read.
   */
  requestFor(fn: LoadedFunction, path: string): Promise<InvocationRequest>;
}

const CATEGORY = 'Host.Triggers.Blob';
const HOLD_MS = 600_000;
/** As the .NET host scans. */
const MAX_SCAN_INTERVAL_MS = 10_000;
const HOSTS_CONTAINER = 'azure-webjobs-hosts';
/** The most messages that storage hands out at a time. */
const MAX_BATCH_SIZE = 32;

export function createBlobTriggers(options: BlobTriggersOptions): BlobTriggers {
  const functions: BlobFunction[] = [];
  const problems: FunctionProblem[] = [];
  const enabled = options.app.functions.filter((fn) => fn.kind === 'blob' && !fn.isDisabled);
  for (const fn of enabled) {
    try {
      functions.push(blobFunction(fn, options.accounts));
    } catch (error) {
      if (!(error instanceof DurableError)) throw error;
      const reason = `The binding '${fn.trigger.name}': ${error.message}`;
      problems.push({ functionName: fn.name, reason });
    }
  }
  const parts = functions.length === 0 ? [] : listen(functions, options);
  return {
    problems,
    start: () => {
      for (const part of parts) part.start();
    },
    stop: async (abort) => {
      setMaxListeners(0, abort);
      await Promise.all(parts.map((part) => part.stop(abort)));
    },
    requestFor: (fn, path) => requestFor(blobFunction(fn, options.accounts), path),
  };
}

/** The scans, and the listener to the queue that they fill. */
function listen(
  functions: readonly BlobFunction[],
  options: BlobTriggersOptions,
): readonly (ContainerScan | QueueListener)[] {
  const { accounts, hostId, settings, watcher, log } = options;
  const host = accounts.hostClients('queue');
  const queueClient = host.queue(blobQueueName(hostId));
  const queue = new TriggerQueue(queueClient, HOLD_MS);
  const put = async (found: FoundBlob, { type }: ScannedBlob): Promise<void> => {
    await putMessage(queueClient, encodeBody(blobMessage(found, type), 'base64'));
    watcher.notify(queue.url);
  };
  const scans = new Map<string, ContainerScan>();
  for (const [url, sharing] of byContainer(functions)) {
    const scan = createScan(sharing, put, options);
    scans.set(url, scan);
    watcher.register(url, () => {
      scan.wake();
    });
  }
  const byId = new Map(functions.map((each) => [each.functionId.toLowerCase(), each]));
  const functionOf = (message: HeldMessage) => {
    const found = foundIn(message);
    return found && byId.get(found.functionId.toLowerCase());
  };
  const batchSize = Math.min(settings.maxDegreeOfParallelism, MAX_BATCH_SIZE);
  const listener = new QueueListener({
    ...{ queue, batchSize, log },
    newBatchThreshold: settings.maxDegreeOfParallelism - batchSize,
    maxPollingIntervalMs: settings.maxPollingIntervalMs,
    run: (message) =>
      runMessage(message, {
        ...{ queue, watcher, log, holdMs: HOLD_MS, visibilityTimeoutMs: 0 },
        maxDequeueCount: settings.poisonBlobThreshold,
        workOf: () => workOf(message, functionOf(message), options),
        poisonQueueOf: () => (functionOf(message)?.queues ?? host).queue(POISON_QUEUE),
      }),
  });
  watcher.register(queue.url, () => {
    listener.wake();
  });
  return [...scans.values(), listener];
}

function byContainer(
  functions: readonly BlobFunction[],
): ReadonlyMap<string, readonly BlobFunction[]> {
  const containers = new Map<string, BlobFunction[]>();
  for (const each of functions) {
    const { url } = each.blobs.container(each.pattern.container);
    containers.set(url, [...(containers.get(url) ?? []), each]);
  }
  return containers;
}

function createScan(
  functions: readonly BlobFunction[],
  put: (found: FoundBlob, blob: ScannedBlob) => Promise<void>,
  { accounts, hostId, settings, log }: BlobTriggersOptions,
): ContainerScan {
  const [first] = functions;
  if (first === undefined) throw new InvalidInputError('A scan needs a function.');
  const container = first.blobs.container(first.pattern.container);
  const { accountName, containerName } = container;
  const receipts = new BlobReceipts(first.blobs, hostId);
  return new ContainerScan({
    container,
    scanInfo: {
      container: accounts.hostClients('blob').container(HOSTS_CONTAINER),
      blobName: `blobscaninfo/${hostId}/${accountName}/${containerName}/scanInfo`,
    },
    intervalMs: Math.min(settings.maxPollingIntervalMs, MAX_SCAN_INTERVAL_MS),
    log,
    found: async (blob) => {
      let isDone = true;
      for (const { functionId, pattern } of functions) {
        if (pattern.match(blob.name) === undefined) continue;
        const found = { functionId, container: containerName, blob: blob.name, etag: blob.etag };
        isDone = (await receipts.tellOnce(found, () => put(found, blob))) && isDone;
      }
      return isDone;
    },
  });
}

/** undefined for what is no message of ours. */
function foundIn({ received }: HeldMessage): FoundBlob | undefined {
  const body = decodeBody(received.messageText, 'base64');
  return body && parseBlobMessage(body.toString('utf8'));
}

/** A blob that is gone, or was written again and is found anew, and a function that is gone, leave nothing to do. */
function workOf(
  message: HeldMessage,
  of: BlobFunction | undefined,
  { app, watcher, log }: BlobTriggersOptions,
): MessageWork | undefined {
  const found = foundIn(message);
  if (found === undefined) return undefined;
  return async () => {
    const path = `${found.container}/${found.blob}`;
    if (of === undefined) {
      const skipped = `The blob '${path}' was found for '${found.functionId}', which this app does not have any more.`;
      text(log, 'debug', CATEGORY, skipped);
      return true;
    }
    const { fn, pattern, blobs } = of;
    const container = blobs.container(found.container);
    const blob = await readTriggeringBlob(container, found.blob, pattern, found.etag);
    if (blob === undefined) {
      watcher.notify(container.url);
      return true;
    }
    const reason = reasonOf(`New blob detected(LogsAndContainerScan): ${path}`, message);
    return (await runFunction(app, fn, blobRequest(fn, blob), reason, log)).kind === 'succeeded';
  };
}

async function requestFor(
  { fn, blobs, pattern }: BlobFunction,
  path: string,
): Promise<InvocationRequest> {
  const { container, blob: name } = parseBlobPath(path);
  const blob = await readTriggeringBlob(blobs.container(container), name, pattern);
  if (blob !== undefined) return blobRequest(fn, blob);
  throw new InvalidInputError(
    `There is no blob '${path}'. Give the path of one, as container/name.`,
  );
}

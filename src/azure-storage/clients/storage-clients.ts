/** The official clients of one storage account, all with our request policy and with short retries. */
import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  TableClient,
  type TableServiceClientOptions,
} from '@azure/data-tables';
import {
  AnonymousCredential as AnonymousBlobCredential,
  BlobServiceClient,
  StorageSharedKeyCredential as BlobKeyCredential,
  type ContainerClient,
} from '@azure/storage-blob';
import {
  AnonymousCredential as AnonymousQueueCredential,
  type QueueClient,
  QueueServiceClient,
  StorageSharedKeyCredential as QueueKeyCredential,
} from '@azure/storage-queue';
import { parseConnectionString, type StorageAccount } from './connection-string.ts';
import {
  ConnectionPool,
  type PipelinePolicy,
  type RequestListener,
  requestPolicy,
} from './request-policy.ts';

/** A request that fails is tried again twice: loops and redelivery take care of longer outages. */
const MAX_TRIES = 3;
const FIRST_RETRY_DELAY_MS = 100;
const MAX_RETRY_DELAY_MS = 1_000;
const TRY_TIMEOUT_MS = 30_000;

export interface StorageClients {
  queue(name: string): QueueClient;
  table(name: string): TableClient;
  container(name: string): ContainerClient;
}

/** @throws {InvalidInputError} when the connection string cannot be understood. */
export function openStorage(
  connectionString: string,
  onRequest: RequestListener | undefined,
): StorageClients {
  const account = parseConnectionString(connectionString);
  const pool = new ConnectionPool();
  const queues = new QueueService(account, requestPolicy('queue', pool, onRequest));
  const blobs = new BlobService(account, requestPolicy('blob', pool, onRequest));
  const tables = tableOptions(requestPolicy('table', pool, onRequest));
  return {
    queue: (name) => queues.getQueueClient(name),
    container: (name) => blobs.getContainerClient(name),
    table: (name) => openTable(account, name, tables),
  };
}

const RETRIES = {
  retryOptions: {
    maxTries: MAX_TRIES,
    retryDelayInMs: FIRST_RETRY_DELAY_MS,
    maxRetryDelayInMs: MAX_RETRY_DELAY_MS,
    tryTimeoutInMs: TRY_TIMEOUT_MS,
  },
};

/** The storage clients take no policies from outside; a subclass may add one to the pipeline that all its queues share. */
class QueueService extends QueueServiceClient {
  constructor({ queueUrl, credential }: StorageAccount, policy: PipelinePolicy) {
    if (credential.kind === 'key') {
      super(
        queueUrl,
        new QueueKeyCredential(credential.accountName, credential.accountKey),
        RETRIES,
      );
    } else {
      super(`${queueUrl}?${credential.signature}`, new AnonymousQueueCredential(), RETRIES);
    }
    this.storageClientContext.pipeline.addPolicy(policy, { afterPhase: 'Retry' });
  }
}

class BlobService extends BlobServiceClient {
  constructor({ blobUrl, credential }: StorageAccount, policy: PipelinePolicy) {
    if (credential.kind === 'key') {
      super(blobUrl, new BlobKeyCredential(credential.accountName, credential.accountKey), RETRIES);
    } else {
      super(`${blobUrl}?${credential.signature}`, new AnonymousBlobCredential(), RETRIES);
    }
    this.storageClientContext.pipeline.addPolicy(policy, { afterPhase: 'Retry' });
  }
}

function tableOptions(policy: PipelinePolicy): TableServiceClientOptions {
  return {
    additionalPolicies: [{ policy, position: 'perRetry' }],
    retryOptions: {
      maxRetries: MAX_TRIES - 1,
      retryDelayInMs: FIRST_RETRY_DELAY_MS,
      maxRetryDelayInMs: MAX_RETRY_DELAY_MS,
    },
  };
}

function openTable(
  { tableUrl, credential }: StorageAccount,
  name: string,
  options: TableServiceClientOptions,
): TableClient {
  const allOptions = { ...options, allowInsecureConnection: tableUrl.startsWith('http:') };
  return credential.kind === 'key'
    ? new TableClient(
        tableUrl,
        name,
        new AzureNamedKeyCredential(credential.accountName, credential.accountKey),
        allOptions,
      )
    : new TableClient(tableUrl, name, new AzureSASCredential(credential.signature), allOptions);
}

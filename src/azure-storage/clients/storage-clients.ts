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
import {
  ConnectionPool,
  type PipelinePolicy,
  type RequestListener,
  requestPolicy,
} from './request-policy.ts';
import type { StorageHealth } from './storage-health.ts';
import {
  openableAccount,
  urlOf,
  type OpenableAccount,
  type StorageAccess,
} from './storage-access.ts';

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

/**
 * Opens nothing yet: the first request does.
 * @throws {InvalidInputError} when the connection string cannot be understood; by a client, when the account lacks its service.
 */
export function openStorage(
  access: StorageAccess,
  onRequest: RequestListener | undefined,
  health?: StorageHealth,
): StorageClients {
  const account = openableAccount(access);
  const pool = new ConnectionPool();
  const watch = { onRequest, health };
  let queues: QueueService | undefined;
  let blobs: BlobService | undefined;
  const tables = tableOptions(requestPolicy('table', pool, watch));
  return {
    queue(name) {
      queues ??= new QueueService(account, requestPolicy('queue', pool, watch));
      return queues.getQueueClient(name);
    },
    container(name) {
      blobs ??= new BlobService(account, requestPolicy('blob', pool, watch));
      return blobs.getContainerClient(name);
    },
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
  constructor(account: OpenableAccount, policy: PipelinePolicy) {
    const url = urlOf(account, 'queue');
    const { credential } = account;
    if (credential.kind === 'key') {
      super(url, new QueueKeyCredential(credential.accountName, credential.accountKey), RETRIES);
    } else if (credential.kind === 'token') {
      super(url, credential.source, RETRIES);
    } else {
      super(`${url}?${credential.signature}`, new AnonymousQueueCredential(), RETRIES);
    }
    this.storageClientContext.pipeline.addPolicy(policy, { afterPhase: 'Retry' });
  }
}

class BlobService extends BlobServiceClient {
  constructor(account: OpenableAccount, policy: PipelinePolicy) {
    const url = urlOf(account, 'blob');
    const { credential } = account;
    if (credential.kind === 'key') {
      super(url, new BlobKeyCredential(credential.accountName, credential.accountKey), RETRIES);
    } else if (credential.kind === 'token') {
      super(url, credential.source, RETRIES);
    } else {
      super(`${url}?${credential.signature}`, new AnonymousBlobCredential(), RETRIES);
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
  account: OpenableAccount,
  name: string,
  options: TableServiceClientOptions,
): TableClient {
  const url = urlOf(account, 'table');
  const { credential } = account;
  const allOptions = { ...options, allowInsecureConnection: url.startsWith('http:') };
  switch (credential.kind) {
    case 'key': {
      const key = new AzureNamedKeyCredential(credential.accountName, credential.accountKey);
      return new TableClient(url, name, key, allOptions);
    }
    case 'token':
      return new TableClient(url, name, credential.source, allOptions);
    case 'signature':
      return new TableClient(url, name, new AzureSASCredential(credential.signature), allOptions);
  }
}

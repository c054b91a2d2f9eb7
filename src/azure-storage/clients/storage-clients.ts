/**
 * The official clients of one storage account, all with our request policy and with short retries; and, on their pipelines, the
 * requests that are made beside them because every instance costs some of them.
 */
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
import type { Pipeline } from '@azure/core-rest-pipeline';
import { QueueMessages, queueService } from '../requests/queue-messages.ts';
import type { ServiceRequests } from '../requests/service-requests.ts';
import { TableRows, tableService } from '../requests/table-rows.ts';
import { ConnectionPool, type PipelinePolicy, requestPolicy } from './request-policy.ts';
import type { AnswerListener, RequestListener } from './request-listener.ts';
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
  /** The same queue's messages, for less. */
  messages(name: string): QueueMessages;
  table(name: string): TableClient;
  /** Writes the same table's rows, for less. */
  rows(name: string): TableRows;
  container(name: string): ContainerClient;
}

export interface StorageWatch {
  readonly health?: StorageHealth | undefined;
  readonly onAnswer?: AnswerListener | undefined;
  /** For so long nothing may come while an answer is due: then the request is tried again. @default 45 000 */
  readonly answerTimeoutMs?: number | undefined;
}

/**
 * Opens nothing yet: the first request does.
 * @throws {InvalidInputError} when the connection string cannot be understood; by a client, when the account lacks its service.
 */
export function openStorage(
  access: StorageAccess,
  onRequest: RequestListener | undefined,
  { health, onAnswer, answerTimeoutMs }: StorageWatch = {},
): StorageClients {
  const account = openableAccount(access);
  const pool = new ConnectionPool(undefined, answerTimeoutMs);
  const watch = { onRequest, health, onAnswer };
  let queues: QueueService | undefined;
  let blobs: BlobService | undefined;
  const tables = tableOptions(requestPolicy('table', pool, watch));
  const queueClients = (): QueueService =>
    (queues ??= new QueueService(account, requestPolicy('queue', pool, watch)));
  let messages: ServiceRequests | undefined;
  let rows: ServiceRequests | undefined;
  return {
    queue: (name) => queueClients().getQueueClient(name),
    messages(name) {
      messages ??= queueService({
        url: urlOf(account, 'queue'),
        pipeline: queueClients().steps,
        signature: signatureOf(account),
      });
      return new QueueMessages(messages, name);
    },
    rows(name) {
      rows ??= tableService({
        url: urlOf(account, 'table'),
        pipeline: openTable(account, name, tables).pipeline,
        signature: undefined,
      });
      return new TableRows(rows, name);
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

  get steps(): Pipeline {
    return this.storageClientContext.pipeline;
  }
}

/** Signatures of queues are part of their clients' urls; those of tables are added by the pipeline. */
function signatureOf({ credential }: OpenableAccount): string | undefined {
  return credential.kind === 'signature' ? credential.signature : undefined;
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

/**
 * The output bindings `cosmosDB`, and `documentDB` as it was called in version 1: documents that replace those with their ids.
 * Mirrors CosmosDBAsyncCollector of the WebJobs extension; the properties of its versions 3 (`collectionName`,
 * `connectionStringSetting`) and 4 (`containerName`, `connection`) are both known.
 */
import { BackendUnavailableError, DurableError, InvalidInputError } from '../core/errors.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import { type BindingUse, resolveBindingExpression } from './binding-expression.ts';
import {
  countProperty,
  flagProperty,
  problemOfProperties,
  textProperty,
} from './binding-properties.ts';
import type { CosmosClient, CosmosContainer } from './cosmos-client.ts';
import { type JsonObject, outputObjects } from './output-objects.ts';

export interface CosmosAccount {
  /** A setting's name; undefined for the one that the binding's type has by default. */
  readonly connection: string | undefined;
  /** Regions. */
  readonly preferredLocations: readonly string[];
}

/** @throws {DurableError} that says which app setting, or which package, is missing. */
export type OpenCosmos = (account: CosmosAccount) => CosmosClient;

const CONTAINER = ['containerName', 'collectionName'];
const CONNECTION = ['connection', 'connectionStringSetting'];
const THROUGHPUT = ['containerThroughput', 'collectionThroughput'];

/** Where the documents go. */
interface Target {
  readonly client: CosmosClient;
  readonly database: string;
  readonly container: string;
  readonly createIfNotExists: boolean;
  readonly partitionKey: string | undefined;
  readonly throughput: number | undefined;
}

export function cosmosOutput(open: OpenCosmos): BindingExtension {
  const opened = new Map<string, CosmosClient>();
  const clientOf = (binding: BindingInfo): CosmosClient => {
    const account = accountOf(binding);
    const key = JSON.stringify(account);
    const client = opened.get(key) ?? open(account);
    opened.set(key, client);
    return client;
  };
  return {
    types: ['cosmosdb', 'documentdb'],
    supports(binding) {
      if (binding.direction !== 'out') return undefined; // the lack of `read` says it
      try {
        countProperty(binding, ...THROUGHPUT);
        clientOf(binding);
      } catch (error) {
        if (error instanceof DurableError) return error.message;
        throw error;
      }
      return problemOfProperties(binding, [['databaseName'], CONTAINER], ['partitionKey']);
    },
    async write(binding, value, fn, triggerMetadata) {
      const use = { binding, fn, triggerMetadata };
      const target = targetOf(use, clientOf(binding));
      for (const document of outputObjects(value, use)) await store(target, document);
    },
  };
}

function accountOf(binding: BindingInfo): CosmosAccount {
  const regions = textProperty(binding, 'preferredLocations')?.split(',') ?? [];
  return {
    connection: textProperty(binding, ...CONNECTION),
    preferredLocations: regions.map((region) => region.trim()).filter((region) => region !== ''),
  };
}

function targetOf(use: BindingUse, client: CosmosClient): Target {
  const resolve = (...names: readonly string[]): string | undefined => {
    const template = textProperty(use.binding, ...names);
    return template === undefined ? undefined : resolveBindingExpression(template, use);
  };
  return {
    client,
    database: resolve('databaseName') ?? '',
    container: resolve(...CONTAINER) ?? '',
    createIfNotExists: flagProperty(use.binding, 'createIfNotExists'),
    partitionKey: resolve('partitionKey'),
    throughput: countProperty(use.binding, ...THROUGHPUT),
  };
}

async function store(target: Target, document: JsonObject): Promise<void> {
  try {
    const container = target.client.database(target.database).container(target.container);
    await upsertOrCreate(target, container, document);
  } catch (error) {
    if (error instanceof DurableError || !(error instanceof Error)) throw error;
    throw new BackendUnavailableError(
      `Could not write to container '${target.container}' of the Cosmos DB database '${target.database}': ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function upsertOrCreate(
  target: Target,
  container: CosmosContainer,
  document: JsonObject,
): Promise<void> {
  try {
    await container.items.upsert(document);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    if (!target.createIfNotExists) {
      throw new InvalidInputError(
        `The container '${target.container}' (in database '${target.database}') does not exist. To automatically create the container, set 'createIfNotExists' to 'true'.`,
        { cause: error },
      );
    }
    await createContainer(target);
    await container.items.upsert(document);
  }
}

async function createContainer(target: Target): Promise<void> {
  const { client, partitionKey, throughput } = target;
  await unlessThere(() => client.databases.createIfNotExists({ id: target.database }));
  await unlessThere(() =>
    client.database(target.database).containers.createIfNotExists({
      id: target.container,
      ...(partitionKey !== undefined && { partitionKey: { paths: [partitionKey] } }),
      ...(throughput !== undefined && { throughput }),
    }),
  );
}

/** Another run may be quicker. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
}

/** The client's errors have the HTTP status as their code. */
function statusOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reasonOf(error: Error): string {
  const status = statusOf(error);
  const [line = ''] = error.message.split('\n', 1);
  return [typeof status === 'number' ? `HTTP ${status}` : status, line.slice(0, 300)]
    .filter(Boolean)
    .join(', ');
}

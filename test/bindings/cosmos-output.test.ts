import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cosmosOutput } from '../../src/bindings/cosmos-output.ts';
import { openCosmosAccount } from '../../src/hub/accounts/cosmos-account.ts';
import { REPOSITORY } from '../support/func-process.ts';
import { type Binding, boundApp, classicFunction, v4Function } from './bound-app.ts';
import { type CosmosServer, startCosmosServer } from './cosmos-server.ts';

const documentOut = (changes: Partial<Binding> = {}): Binding => ({
  type: 'cosmosDB',
  direction: 'out',
  name: 'document',
  databaseName: 'MonitorDB',
  containerName: 'Payloads',
  connection: 'CosmosDBConnection',
  createIfNotExists: true,
  partitionKey: '/id',
  ...changes,
});

function cosmosApp(
  files: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, string>>,
) {
  const bindings = [
    cosmosOutput((account) =>
      openCosmosAccount(account, { environment: settings, scriptRoot: REPOSITORY }),
    ),
  ];
  return boundApp(files, { settings, bindings });
}

/** The documents, without what the service adds. */
async function documentsOf(
  { client }: CosmosServer,
  database = 'MonitorDB',
  container = 'Payloads',
) {
  const { resources } = await client
    .database(database)
    .container(container)
    .items.readAll()
    .fetchAll();
  return resources.map((item) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => !name.startsWith('_'))),
  );
}

describe('a Cosmos DB output', () => {
  it.each([
    ['an object', "{ id: '1', a: [2] }", [{ id: '1', a: [2] }]],
    ['a list', "[{ id: '1' }, { id: '2' }]", [{ id: '1' }, { id: '2' }]],
    ['JSON text', `JSON.stringify({ id: '1', payload: {} })`, [{ id: '1', payload: {} }]],
    ['the same id twice: the last', "[{ id: '1', a: 1 }, { id: '1', a: 2 }]", [{ id: '1', a: 2 }]],
  ])(
    'takes %s from both models, and creates database and container',
    async (_what, code, expected) => {
      for (const files of [
        classicFunction(`context.bindings.document = ${code};`, [documentOut()]),
        v4Function(`context.extraOutputs.set(outs.document, ${code});`, [documentOut()]),
      ]) {
        const server = await startCosmosServer();
        const app = await cosmosApp(files, { CosmosDBConnection: server.connectionString });

        await app.run('x');

        expect(await documentsOf(server)).toEqual(expected);
      }
    },
  );

  it.each([
    [{ type: 'documentDB', connection: 'Db' }, 'Db'],
    [{ type: 'COSMOSDB', connection: undefined, connectionStringSetting: 'Db' }, 'AzureWebJobsDb'],
    [{ connection: undefined }, 'CosmosDB'],
    [{ connection: undefined, type: 'documentDB' }, 'AzureWebJobsDocumentDBConnectionString'],
    [{ connection: 'Db' }, 'ConnectionStrings__Db'],
  ])('with %j finds its account in %s', async (changes, setting) => {
    const server = await startCosmosServer();
    const binding = documentOut({
      ...changes,
      containerName: undefined,
      collectionName: '%NAME%-{kind}',
    });
    const code = "context.bindings.document = { id: 'x' };";
    const app = await cosmosApp(classicFunction(code, [binding]), {
      NAME: 'c',
      [setting]: server.connectionString,
    });

    await app.run({ kind: 'k' });

    expect(await documentsOf(server, 'MonitorDB', 'c-k')).toEqual([{ id: 'x' }]);
  });

  it('gives a document without an id one', async () => {
    const server = await startCosmosServer();
    const app = await cosmosApp(
      classicFunction('context.bindings.document = [{ a: 1 }, { a: 1 }];', [documentOut()]),
      { CosmosDBConnection: server.connectionString },
    );

    await app.run('x');

    const ids = (await documentsOf(server)).map((document) => document['id'] as unknown);
    expect(new Set(ids).size).toBe(2);
  });

  it('creates the container once when many runs write at the same time', async () => {
    const server = await startCosmosServer();
    const code = 'context.bindings.document = { id: input };';
    const app = await cosmosApp(classicFunction(code, [documentOut()]), {
      CosmosDBConnection: server.connectionString,
    });

    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => app.run(id)));

    expect(await documentsOf(server)).toHaveLength(5);
  });

  it('fails the run when the container does not exist and is not to be created', async () => {
    const server = await startCosmosServer();
    const app = await cosmosApp(
      classicFunction("context.bindings.document = { id: 'x' };", [
        documentOut({ createIfNotExists: false }),
      ]),
      { CosmosDBConnection: server.connectionString },
    );

    await expect(app.run('x')).rejects.toThrow(
      "The container 'Payloads' (in database 'MonitorDB') does not exist. To automatically create the container, set 'createIfNotExists' to 'true'.",
    );
  });

  it('fails the run when nothing answers', async () => {
    const app = await cosmosApp(
      classicFunction("context.bindings.document = { id: 'x' };", [documentOut()]),
      { CosmosDBConnection: 'AccountEndpoint=http://127.0.0.1:9/;AccountKey=YQ==' },
    );

    await expect(app.run('x')).rejects.toThrow(
      /Could not write to container 'Payloads' of the Cosmos DB database 'MonitorDB': .*ECONNREFUSED/,
    );
  });

  it('takes an emulator whose certificate nobody trusts when the connection string says so', async () => {
    const server = await startCosmosServer('https');
    const code = "context.bindings.document = { id: 'x' };";
    const app = await cosmosApp(classicFunction(code, [documentOut()]), {
      CosmosDBConnection: `${server.connectionString}DisableServerCertificateValidation=True`,
    });

    await app.run('x');

    expect(server.authorizations.length).toBeGreaterThan(0);
  });

  it('signs in with a managed identity', async () => {
    const server = await startCosmosServer('https');
    const tokens = createServer((_request, response) => {
      const expiresOn = Math.floor(Date.now() / 1000) + 3600;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          access_token: 'token-1',
          expires_on: String(expiresOn),
          token_type: 'Bearer',
        }),
      );
    });
    tokens.listen(0, '127.0.0.1');
    await once(tokens, 'listening');
    onTestFinished(() => void tokens.close());
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv(
      'IDENTITY_ENDPOINT',
      `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
    );
    vi.stubEnv('IDENTITY_HEADER', 'secret');
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const code = "context.bindings.document = { id: 'x' };";
    const app = await cosmosApp(classicFunction(code, [documentOut()]), {
      CosmosDBConnection__accountEndpoint: server.endpoint,
      CosmosDBConnection__credential: 'managedidentity',
    });

    await app.run('x');

    expect(decodeURIComponent(server.authorizations[0] ?? '')).toBe('type=aad&ver=1.0&sig=token-1');
  });
});

describe('a function in error', () => {
  it.each([
    [{ direction: 'in' }, {}, "the type 'cosmosDB' can be used for output only"],
    [{ databaseName: undefined }, {}, "it needs 'databaseName'."],
    [{ containerName: undefined }, {}, "it needs 'containerName' or 'collectionName'."],
    [{ containerName: 'a{' }, {}, "its 'containerName': Invalid template 'a{'"],
    [
      { containerThroughput: -1 },
      {},
      "its 'containerThroughput' or 'collectionThroughput' must be",
    ],
    [{ connection: 'Db' }, {}, "The Cosmos DB connection 'Db' has no app setting."],
    [
      {},
      { CosmosDBConnection: 'secret' },
      "'CosmosDBConnection' does not hold a Cosmos DB connection string",
    ],
    [
      { connection: 'Db' },
      { Db__accountEndpoint: 'http://x' },
      "The app setting 'Db__accountEndpoint' must be an https URL",
    ],
  ] as const)('%j with %j', async (changes, settings, message) => {
    const valid = { CosmosDBConnection: 'AccountEndpoint=http://127.0.0.1:9/;AccountKey=YQ==' };
    const app = await cosmosApp(classicFunction('', [documentOut(changes)]), {
      ...valid,
      ...settings,
    });

    expect(app.problems[0]?.reason).toContain(message);
    expect(app.problems[0]?.reason).not.toContain('secret');
  });
});

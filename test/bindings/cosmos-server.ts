/** A Cosmos-compatible server of its own for a test, empty at first. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CosmosClient } from '@azure/cosmos';
import { createHttpServer, createHttpsServer } from '@vercel/cosmosdb-server';
import { onTestFinished } from 'vitest';

export interface CosmosServer {
  readonly endpoint: string;
  readonly connectionString: string;
  /** What the requests carried as `authorization`. */
  readonly authorizations: (string | undefined)[];
  readonly client: CosmosClient;
}

export async function startCosmosServer(scheme: 'http' | 'https' = 'http'): Promise<CosmosServer> {
  const server = scheme === 'http' ? createHttpServer() : createHttpsServer();
  const authorizations: CosmosServer['authorizations'] = [];
  server.on('request', ({ headers }: { headers: { authorization?: string } }) => {
    authorizations.push(headers.authorization);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const endpoint = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const key = Buffer.from('any').toString('base64');
  return {
    endpoint,
    connectionString: `AccountEndpoint=${endpoint};AccountKey=${key};`,
    authorizations,
    client: new CosmosClient({
      endpoint,
      key,
      connectionPolicy: {
        enableBackgroundEndpointRefreshing: false,
        enableEndpointDiscovery: false,
      },
    }),
  };
}

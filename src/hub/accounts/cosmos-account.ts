/** Opens the Cosmos DB accounts of bindings with the app's `@azure/cosmos`: by connection string, or by identity. */
import { Agent } from 'node:https';
import type { TokenCredential } from '../../azure-storage/clients/storage-access.ts';
import type { CosmosClient } from '../../bindings/cosmos-client.ts';
import type { CosmosAccount } from '../../bindings/cosmos-output.ts';
import type { Config } from '../../config/config.ts';
import { findCosmosConnection, type CosmosConnection } from '../../config/cosmos-connection.ts';
import { loadOptionalPackage } from '../../function-app/optional-package.ts';
import { openIdentity } from './identity.ts';

/** The same in all versions 4 of the package. */
interface CosmosPackage {
  readonly CosmosClient: new (options: CosmosClientOptions) => CosmosClient;
}

interface CosmosClientOptions {
  readonly endpoint: string;
  readonly key?: string;
  readonly aadCredentials?: TokenCredential;
  readonly agent?: Agent;
  readonly connectionPolicy: {
    readonly preferredLocations: readonly string[];
    readonly enableBackgroundEndpointRefreshing: boolean;
    readonly enableEndpointDiscovery: boolean;
  };
}

/**
 * Sends nothing yet: the first document does.
 * @throws {InvalidInputError | NotSupportedError} that says which app setting, or which package, is missing.
 */
export function openCosmosAccount(
  { connection, preferredLocations }: CosmosAccount,
  { environment, scriptRoot }: Pick<Config, 'environment' | 'scriptRoot'>,
): CosmosClient {
  const account = findCosmosConnection(environment, connection);
  const { CosmosClient } = loadOptionalPackage({
    name: '@azure/cosmos',
    neededBy: 'A Cosmos DB binding',
    folders: [scriptRoot, import.meta.dirname],
  }) as CosmosPackage;
  return new CosmosClient({
    endpoint: account.endpoint,
    ...credentialOf(account, scriptRoot),
    connectionPolicy: {
      preferredLocations,
      // Its failures would be rejections that nobody handles. Regions are looked up again when a request fails.
      enableBackgroundEndpointRefreshing: false,
      // Emulators in containers announce addresses that nobody outside reaches.
      enableEndpointDiscovery: !account.isEmulator,
    },
    ...agentFor(account),
  });
}

function agentFor({ endpoint, isEmulator }: CosmosConnection): Pick<CosmosClientOptions, 'agent'> {
  if (!isEmulator || /^http:/i.test(endpoint)) return {};
  return { agent: new Agent({ rejectUnauthorized: false }) };
}

function credentialOf(
  { credential, settingName }: CosmosConnection,
  scriptRoot: string,
): Pick<CosmosClientOptions, 'key' | 'aadCredentials'> {
  if (credential.kind === 'key') return { key: credential.key };
  return { aadCredentials: openIdentity(credential.identity, settingName, scriptRoot) };
}

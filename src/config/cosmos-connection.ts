/**
 * From the name of a Cosmos DB connection (`connection` or `connectionStringSetting` of a binding) to an account: the name `X`
 * stands for the settings `AzureWebJobsX` and `X`, or, by identity, for `X__accountEndpoint`. Mirrors DefaultCosmosDBServiceFactory
 * of the WebJobs extension.
 */
import { connectionStringFields } from '../base/connection-string.ts';
import { InvalidInputError } from '../core/errors.ts';
import { findAppSetting, type Environment } from './app-setting.ts';
import { findIdentity, type Identity } from './identity-connection.ts';

export interface CosmosConnection {
  /** That it was found in, or below. */
  readonly settingName: string;
  readonly endpoint: string;
  readonly credential:
    | { readonly kind: 'key'; readonly key: string }
    | { readonly kind: 'identity'; readonly identity: Identity };
  /** Without a certificate, or with one that nobody trusts. */
  readonly isEmulator: boolean;
}

/** For bindings that name none: the one of the extension's version 4, then those before it. */
const STANDARD_CONNECTIONS = ['CosmosDB', 'CosmosDBConnectionString', 'DocumentDBConnectionString'];

/**
 * @param name undefined for the standard connection.
 * @throws {InvalidInputError | NotSupportedError} that names the app setting to add or to mend, never its value.
 */
export function findCosmosConnection(
  environment: Environment,
  name: string | undefined,
): CosmosConnection {
  const names = name === undefined ? STANDARD_CONNECTIONS : [name];
  for (const each of names) {
    const connection = findNamed(environment, each);
    if (connection !== undefined) return connection;
  }
  const [wanted = ''] = names;
  throw new InvalidInputError(
    `The Cosmos DB connection '${wanted}' has no app setting. Set '${wanted}' to a connection string (AccountEndpoint=…;AccountKey=…), in the environment or under Values of local.settings.json, or '${wanted}__accountEndpoint' to connect by identity.`,
  );
}

function findNamed(environment: Environment, name: string): CosmosConnection | undefined {
  for (const section of [`AzureWebJobs${name}`, name]) {
    for (const settingName of [
      `ConnectionStrings:${section}`,
      `CUSTOMCONNSTR_${section}`,
      section,
    ]) {
      const text = findAppSetting(environment, settingName) ?? '';
      if (text !== '') return parseConnectionString(text, settingName);
    }
    const endpoint = findAppSetting(environment, `${section}__accountEndpoint`) ?? '';
    if (endpoint !== '') return byIdentity(environment, endpoint, section);
  }
  return undefined;
}

function parseConnectionString(text: string, settingName: string): CosmosConnection {
  const fields = connectionStringFields(text);
  const endpoint = fields?.get('accountendpoint') ?? '';
  const key = fields?.get('accountkey') ?? '';
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint) || key === '') {
    throw new InvalidInputError(
      `The app setting '${settingName}' does not hold a Cosmos DB connection string: expected 'AccountEndpoint=https://…;AccountKey=…'.`,
    );
  }
  return {
    settingName,
    endpoint,
    credential: { kind: 'key', key },
    isEmulator:
      /^http:/i.test(endpoint) ||
      fields?.get('disableservercertificatevalidation')?.toLowerCase() === 'true',
  };
}

function byIdentity(
  environment: Environment,
  endpoint: string,
  settingName: string,
): CosmosConnection {
  if (!/^https:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    throw new InvalidInputError(
      `The app setting '${settingName}__accountEndpoint' must be an https URL, such as 'https://myaccount.documents.azure.com:443/'.`,
    );
  }
  const identity = findIdentity(environment, settingName);
  return {
    settingName,
    endpoint,
    credential: { kind: 'identity', identity },
    isEmulator: false,
  };
}

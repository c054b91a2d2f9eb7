/**
 * The keys of this host: when there are any, where they are kept, and what links carry of them. Mirrors DefaultSecretManagerProvider
 * of the Functions host, with files as the usual place outside of Azure.
 */
import { isIP } from 'node:net';
import path from 'node:path';
import {
  createBlobSecretStore,
  SECRETS_CONTAINER,
} from '../../azure-storage/blobs/secret-store.ts';
import { findAppSetting } from '../../config/app-setting.ts';
import type { Config } from '../../config/config.ts';
import { findStorageConnection, STANDARD_CONNECTION } from '../../config/storage-connection.ts';
import { DurableError, InvalidInputError } from '../../core/errors.ts';
import { HOST_DOCUMENT, KeyRing, type KeyRingOptions } from '../../http/keys/key-ring.ts';
import type { SecretStore } from '../../http/keys/secret-store.ts';
import { SignedLinks } from '../../http/keys/signed-links.ts';
import { WEBHOOK_KEY } from '../../http/management/management-access.ts';
import { errorText, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { hostIdOf } from '../host-id.ts';
import { openConnection } from '../accounts/storage-access.ts';
import { createFileSecretStore } from './file-secret-store.ts';

export interface HostKeys {
  readonly ring: KeyRing;
  /** undefined: links carry the key of the extension. */
  readonly signedLinks: SignedLinks | undefined;
  /** Where the keys of the host are, for people. */
  readonly place: string;
}

interface KeySurroundings {
  readonly hostName: string;
  readonly log: Logger;
}

/** Signs links; a system key like others, so that rotating it ends all links at once. */
const LINKS_KEY = 'durabletask_links';
/** Without its port, the durable client uses the links that clients get. */
const CLIENT_WITHOUT_PORT =
  'Links are signed (signedLinks), and localRpcEndpointEnabled is false: the durable client of the app can start instances and handle single ones, but not list or purge many.';
const STORAGE_TYPE = 'AzureWebJobsSecretStorageType';

/** Nobody but this machine can call. */
export function isLoopback(address: string): boolean {
  if (isIP(address) === 4) return address.startsWith('127.');
  return ['localhost', '::1', '[::1]'].includes(address.toLowerCase());
}

/** @throws {DurableError} when the keys can neither be read nor made. */
export async function openKeys(config: Config, around: KeySurroundings): Promise<HostKeys> {
  return await openKeysIn(createStore(config), config, around);
}

/** The same, for who has another place for them. @throws {DurableError} when the keys can neither be read nor made. */
export async function openKeysIn(
  store: SecretStore,
  config: Config,
  around: KeySurroundings,
): Promise<HostKeys> {
  const { lifetimeMs } = config.durableTask.signedLinks;
  const signs = lifetimeMs > 0;
  if (signs && !config.durableTask.localRpcEndpointEnabled) {
    text(around.log, 'warning', 'Host.Startup', CLIENT_WITHOUT_PORT);
  }
  const systemKeys = [WEBHOOK_KEY, ...(signs ? [LINKS_KEY] : [])];
  const ring = await openRing({ ...around, store, systemKeys });
  const key = (): string => ring.systemKey(LINKS_KEY);
  const signedLinks = signs ? new SignedLinks({ key, lifetimeMs }) : undefined;
  return { ring, signedLinks, place: `${store.place}/${HOST_DOCUMENT}` };
}

async function openRing(options: KeyRingOptions): Promise<KeyRing> {
  try {
    return await KeyRing.open(options);
  } catch (error) {
    if (error instanceof DurableError) throw error;
    throw new DurableError(
      'CONFIG',
      `The keys of this host cannot be kept in ${options.store.place}: ${errorText(error)}. Set FUNCTIONS_SECRETS_PATH to a folder that can be written, or ${STORAGE_TYPE} to 'blob'.`,
      { cause: error },
    );
  }
}

function createStore(config: Config): SecretStore {
  const site = siteOf(config);
  const type =
    findAppSetting(config.environment, STORAGE_TYPE) ?? (site === undefined ? 'files' : 'blob');
  switch (type.toLowerCase()) {
    case 'files':
      return createFileSecretStore(secretsFolder(config));
    case 'blob': {
      const connection = findStorageConnection(config.environment, STANDARD_CONNECTION);
      const container = openConnection(connection, config).container(SECRETS_CONTAINER);
      return createBlobSecretStore(container, site ?? hostIdOf(config));
    }
    default:
      throw new InvalidInputError(
        `${STORAGE_TYPE} is '${type}', where this host cannot keep keys: set it to 'files' or 'blob'.`,
      );
  }
}

/** Of App Service: `site`, or `site-slot`. Mirrors GetAzureWebsiteUniqueSlotName. */
function siteOf({ environment }: Config): string | undefined {
  const site = findAppSetting(environment, 'WEBSITE_SITE_NAME') ?? '';
  if (site === '') return undefined;
  const slot = findAppSetting(environment, 'WEBSITE_SLOT_NAME') ?? '';
  const isProduction = slot === '' || slot.toLowerCase() === 'production';
  return (isProduction ? site : `${site}-${slot}`).toLowerCase();
}

/** Beside a task hub in a folder; under the home of App Service; elsewhere in the folder of the app. */
function secretsFolder({ environment, hostJsonPath, localFolder, scriptRoot }: Config): string {
  const chosen = findAppSetting(environment, 'FUNCTIONS_SECRETS_PATH') ?? '';
  if (chosen !== '') return path.resolve(scriptRoot, chosen);
  // Hubs are folders, too, and their names have no dash.
  if (localFolder !== undefined) return path.join(localFolder, 'host-keys');
  const isAppService = findAppSetting(environment, 'WEBSITE_INSTANCE_ID') !== undefined;
  const home = isAppService ? findAppSetting(environment, 'HOME') : undefined;
  const app = hostJsonPath === undefined ? scriptRoot : path.dirname(hostJsonPath);
  return path.join(home ?? app, 'data', 'Functions', 'secrets');
}

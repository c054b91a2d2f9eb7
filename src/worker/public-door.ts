/** The management API as others than the app reach it: through an HTTP function, by the address of the site. */
import { createBlobSecretStore, SECRETS_CONTAINER } from '../azure-storage/blobs/secret-store.ts';
import { findAppSetting, resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { withDashboard } from '../http/dashboard/dashboard.ts';
import { withForwardedHost } from '../http/forwarded-host.ts';
import { LocalCallers } from '../http/local-callers.ts';
import { createManagementAccess } from '../http/management/management-access.ts';
import type { ManagementUrlOptions } from '../http/management/management-urls.ts';
import { withPublicAddress } from '../http/public-address.ts';
import type { FetchHandler } from '../http/responses.ts';
import { openConnection } from '../hub/accounts/storage-access.ts';
import { type HostKeys, openKeysIn } from '../hub/keys/host-keys.ts';
import {
  managementUrlOptions,
  notificationAddress,
  offersDangerous,
} from '../hub/management-address.ts';
import type { WorkingHub } from '../hub/working-hub.ts';
import type { InstanceLog } from '../telemetry/instance-log.ts';
import type { Logger } from '../telemetry/log.ts';
import { PACKAGE } from './package.ts';
import { isDevelopment, managementPath } from './public-address.ts';

/**
 * Keys of our own: those of the host are not ours to read. They lie beside those of the host, under the name of the hub, so that all
 * workers of the hub have the same.
 * @returns undefined where the host asks for its keys, and on a developer's machine, where nobody asks for any.
 */
export async function openDoorKeys(config: Config, log: Logger): Promise<HostKeys | undefined> {
  const { durableTask, connection, environment } = config;
  if (connection === undefined || durableTask.managementApi === 'off') return undefined;
  if (durableTask.managementFunction.authLevel !== 'anonymous' || isDevelopment(config)) {
    return undefined;
  }
  const container = openConnection(connection, config).container(SECRETS_CONTAINER);
  const folder = `durabletask-${durableTask.hubName.toLowerCase()}`;
  const hostName = findAppSetting(environment, 'WEBSITE_HOSTNAME') ?? '';
  return await openKeysIn(createBlobSecretStore(container, folder), config, { hostName, log });
}

/** How links for others are made. */
export function publicUrls(config: Config, keys: HostKeys | undefined): ManagementUrlOptions {
  const urls = managementUrlOptions(config, keys, managementPath(config));
  const { key } = config.durableTask.managementFunction;
  if (key === undefined || keys !== undefined) return urls;
  return { ...urls, code: resolveAppSettings(key, config.environment) };
}

export function createPublicDoor(options: {
  readonly config: Config;
  readonly urls: ManagementUrlOptions;
  readonly keys: HostKeys | undefined;
  readonly managementApp: WorkingHub['managementApp'];
  readonly instanceLog: InstanceLog;
}): FetchHandler {
  const { config, urls, keys, managementApp, instanceLog } = options;
  const path = managementPath(config);
  const outside = notificationAddress(config, path);
  const basePath = outside?.path ?? path;
  const callers = isDevelopment(config) ? localCallers(config) : undefined;
  const access = createManagementAccess({
    keys: keys?.ring,
    signedLinks: keys?.signedLinks,
    isReadOnly: config.durableTask.managementApi === 'readOnly',
    callers,
  });
  const allowsDangerous = offersDangerous(config, callers);
  const door = { basePath, urls, access, instanceLog, mayDeleteHub: allowsDangerous };
  const api = withDashboard(managementApp({ ...door, streams: false }), {
    basePath,
    access,
    allowsDangerous,
    taskHub: config.durableTask.hubName,
    version: PACKAGE.version,
  });
  const app = outside === undefined ? api : withPublicAddress(api, path, outside);
  return config.durableTask.httpSettings.useForwardedHost ? withForwardedHost(app) : app;
}

function localCallers({ environment }: Config): LocalCallers {
  const site = findAppSetting(environment, 'WEBSITE_HOSTNAME');
  return new LocalCallers({ hostNames: site === undefined ? [] : [site] });
}

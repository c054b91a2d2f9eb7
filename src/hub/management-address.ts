/** Where the management API is, and for which hub it answers. */
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { STANDARD_CONNECTION } from '../config/storage-connection.ts';
import type { LocalCallers } from '../http/local-callers.ts';
import { WEBHOOK_KEY } from '../http/management/management-access.ts';
import type { ManagementUrlOptions } from '../http/management/management-urls.ts';
import type { PublicAddress } from '../http/public-address.ts';
import type { HostKeys } from './keys/host-keys.ts';

const WEBHOOK_PATH = '/runtime/webhooks/durabletask';
/** Where extension 1.x has its API; apps of that time have it in their clients. */
const V1_WEBHOOK_PATH = '/admin/extensions/DurableTaskExtension';

/** The first one is the one that links are made with. */
export function webhookPaths({ layout }: Config): readonly [string, ...string[]] {
  return layout === 'v1' ? [V1_WEBHOOK_PATH, WEBHOOK_PATH] : [WEBHOOK_PATH];
}

/** Whether the dashboard offers what cannot be undone. @param callers who may come without a key; undefined where one is asked for */
export function offersDangerous(
  { durableTask: { dashboard } }: Config,
  callers: LocalCallers | undefined,
): boolean {
  if (dashboard.dangerousOperations !== 'local') return dashboard.dangerousOperations === 'on';
  return callers !== undefined;
}

/** How links to instances are made: in answers of the API, and in the durable client binding. */
export function managementUrlOptions(
  config: Config,
  keys: HostKeys | undefined,
  mountedAt = webhookPaths(config)[0],
): ManagementUrlOptions {
  const { hubName: taskHub, storageProvider, managementApi } = config.durableTask;
  const { connectionName: connection } = storageProvider;
  const signedLinks = keys?.signedLinks;
  return {
    webhookPath: notificationAddress(config, mountedAt)?.path ?? mountedAt,
    taskHub,
    ...(connection !== undefined && { connection }),
    // Read whenever a link is made: keys rotate. A link that leads nowhere needs none.
    get code() {
      return managementApi === 'off' ? undefined : keys?.ring.systemKey(WEBHOOK_KEY);
    },
    ...(signedLinks && { sign: (target) => signedLinks.sign(target) }),
  };
}

/**
 * What links begin with where there is no request to tell. Mirrors DefaultScriptWebHookProvider.GetExtensionWebHookRoute.
 * @param url of the host.
 */
export function linkOrigin(config: Config, url: string): string {
  const site = findAppSetting(config.environment, 'WEBSITE_HOSTNAME') ?? '';
  const siteOrigin = `${/^localhost\b/i.test(site) ? 'http' : 'https'}://${site}`;
  return notificationAddress(config)?.origin ?? (site === '' ? url : siteOrigin);
}

/** Where clients find the API, if host.json says so; an address without a path has it where it is mounted. */
export function notificationAddress(
  config: Config,
  mountedAt = webhookPaths(config)[0],
): PublicAddress | undefined {
  const { notificationUrl } = config.durableTask;
  if (notificationUrl === undefined) return undefined;
  const { origin, pathname } = new URL(notificationUrl);
  const path = pathname.replace(/\/+$/, '');
  return { origin, path: path === '' ? mountedAt : path };
}

/** As links and bindings name a hub; what is absent is the host's own. */
export interface HubAddress {
  readonly taskHub?: string;
  readonly connection?: string;
}

/** Links carry hub and connection; what asks for another hub is not for this host. */
export function isOwnHub({ taskHub, connection }: HubAddress, config: Config): boolean {
  const { connectionName } = config.durableTask.storageProvider;
  // A hub that is in no account has the names that it would have in one: apps and links have them.
  const { name, settingName } = config.connection ?? {
    name: connectionName,
    settingName: STANDARD_CONNECTION,
  };
  return (
    isOneOf(taskHub, [config.durableTask.hubName]) &&
    isOneOf(connection, ['Storage', name, settingName])
  );
}

function isOneOf(asked: string | undefined, own: readonly (string | undefined)[]): boolean {
  return asked === undefined || own.some((name) => name?.toLowerCase() === asked.toLowerCase());
}

/** Where the management API of this host is, and for which hub it answers. */
import type { Config } from '../config/config.ts';
import type { ManagementUrlOptions } from '../http/management/management-urls.ts';

const WEBHOOK_PATH = '/runtime/webhooks/durabletask';
/** Where extension 1.x has its API; apps of that time have it in their clients. */
const V1_WEBHOOK_PATH = '/admin/extensions/DurableTaskExtension';

/** The first one is the one that links are made with. */
export function webhookPaths({ layout }: Config): readonly [string, ...string[]] {
  return layout === 'v1' ? [V1_WEBHOOK_PATH, WEBHOOK_PATH] : [WEBHOOK_PATH];
}

/** How links to instances are made: in answers of the API, and in the durable client binding. */
export function managementUrlOptions(
  config: Config,
  webhookPath = webhookPaths(config)[0],
): ManagementUrlOptions {
  const taskHub = config.durableTask.hubName;
  const connection = config.durableTask.storageProvider.connectionName;
  return { webhookPath, taskHub, ...(connection !== undefined && { connection }) };
}

/** As links and bindings name a hub; what is absent is the host's own. */
export interface HubAddress {
  readonly taskHub?: string;
  readonly connection?: string;
}

/** Links carry hub and connection; what asks for another hub is not for this host. */
export function isOwnHub({ taskHub, connection }: HubAddress, config: Config): boolean {
  const { name, settingName } = config.connection ?? {};
  return (
    isOneOf(taskHub, [config.durableTask.hubName]) &&
    isOneOf(connection, ['Storage', name, settingName])
  );
}

function isOneOf(asked: string | undefined, own: readonly (string | undefined)[]): boolean {
  return asked === undefined || own.some((name) => name?.toLowerCase() === asked.toLowerCase());
}

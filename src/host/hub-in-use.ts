/** Keeps a hub from being deleted under the hands of those who work on it. */
import { appLeaseId } from '../azure-storage/app-lease/app-lease-info.ts';
import type { StorageAccess } from '../azure-storage/clients/storage-access.ts';
import { findHubUsers, type HubUser } from '../azure-storage/hub-users.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { DurableError } from '../core/errors.ts';

/** @throws {DurableError} whose message says who works on the hub, a line for each. */
export async function refuseWhileInUse({
  account,
  config,
  hubName,
}: {
  readonly account: StorageAccess;
  readonly config: Config;
  readonly hubName: string;
}): Promise<void> {
  const users = await findHubUsers({ account, taskHub: hubName, now: Date.now() });
  if (users.length === 0) return;
  const ownLeaseId = appLeaseId(findAppSetting(config.environment, 'WEBSITE_SITE_NAME') ?? '');
  throw new DurableError(
    'INVALID_INPUT',
    [
      `Task hub '${hubName}' is in use, and nothing was deleted:`,
      ...users.map((user) => `  ${describeUser(user, ownLeaseId)}`),
      'Stop what works on it first, or delete it all the same with --force.',
    ].join('\n'),
  );
}

function describeUser(user: HubUser, ownLeaseId: string): string {
  if (user.kind === 'worker') {
    const until = user.until === undefined ? '' : `, until ${user.until} at least`;
    return `worker '${user.owner}' owns ${user.partition}${until}`;
  }
  const who =
    user.leaseId === ownLeaseId ? 'this app' : `another app (${user.leaseId ?? 'unknown'})`;
  return `a host of ${who} holds the app lease; one that was killed holds it for a minute`;
}

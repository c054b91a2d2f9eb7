/** Keeps a hub from being deleted, or moved, under the hands of those who work on it. */
import { appLeaseId } from '../azure-storage/app-lease/app-lease-info.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { DurableError } from '../core/errors.ts';
import type { HubUser, TaskHubClientBackend } from '../engine/backend.ts';

/** @param undone `nothing was deleted`. @throws {DurableError} whose message says who works on the hub, a line for each. */
export async function refuseWhileInUse(
  backend: Pick<TaskHubClientBackend, 'listHubUsers'>,
  config: Config,
  undone: string,
): Promise<void> {
  const users = await backend.listHubUsers();
  if (users.length === 0) return;
  const ownAppId = appLeaseId(findAppSetting(config.environment, 'WEBSITE_SITE_NAME') ?? '');
  throw new DurableError(
    'INVALID_INPUT',
    [
      `Task hub '${config.durableTask.hubName}' is in use, and ${undone}:`,
      ...users.map((user) => `  ${describeUser(user, ownAppId)}`),
      'Stop what works on it first, or do it all the same with --force.',
    ].join('\n'),
  );
}

function describeUser(user: HubUser, ownAppId: string): string {
  if (user.kind === 'worker') {
    const until = user.until === undefined ? '' : `, until ${user.until} at least`;
    return `worker '${user.owner}' owns ${user.partition}${until}`;
  }
  const who = user.appId === ownAppId ? 'this app' : `another app (${user.appId ?? 'unknown'})`;
  return `a host of ${who} holds the app lease; one that was killed holds it for a minute`;
}

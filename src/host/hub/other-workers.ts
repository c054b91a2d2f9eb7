/**
 * Who else works on a hub when this process begins to. Partitions are not divided between processes yet: several that work on one
 * hub do nothing wrong, but slow each other down, and messages that nobody waits for may overtake each other.
 */
import { appLeaseId } from '../../azure-storage/app-lease/app-lease-info.ts';
import { findAppSetting } from '../../config/app-setting.ts';
import type { Config } from '../../config/config.ts';
import type { HubUser, TaskHubClientBackend } from '../../engine/backend.ts';
import { errorText, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';

/** Warns once, naming who was found. Never throws: a host that cannot look still starts, and says so. */
export async function warnOfOtherWorkers(
  backend: Pick<TaskHubClientBackend, 'listHubUsers'>,
  config: Config,
  log: Logger,
): Promise<void> {
  const { hubName } = config.durableTask;
  try {
    const ownId = appLeaseId(findAppSetting(config.environment, 'WEBSITE_SITE_NAME') ?? '');
    const found = (await backend.listHubUsers()).flatMap((user) => describe(user, ownId));
    if (found.length === 0) return;
    const message = `Task hub '${hubName}' is worked on already: ${found.join('; ')}. Let one process work on a hub, or give each app a hub of its own (extensions.durableTask.hubName).`;
    text(log, 'warning', 'Host.Startup', message);
  } catch (error) {
    const message = `It could not be found out who else works on task hub '${hubName}': ${errorText(error)}`;
    text(log, 'warning', 'Host.Startup', message, error);
  }
}

/** Nothing of another app that has the app lease: this one waits for its turn then, and the lease says so itself. */
function describe(user: HubUser, ownAppId: string): readonly string[] {
  if (user.kind === 'worker') return [`worker '${user.owner}' owns ${user.partition}`];
  if (user.appId !== ownAppId) return [];
  return [
    'another host of this app holds the app lease (or one that was killed within the last minute did)',
  ];
}

/**
 * The Event Grid topic that the configuration names for lifecycle events, checked. Mirrors the constructor of
 * EventGridLifeCycleNotificationHelper, whose texts these are.
 */
import { ownMember } from '../../base/own-member.ts';
import { findAppSetting, resolveAppSettings } from '../../config/app-setting.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { LifecycleStatus } from '../../core/lifecycle/lifecycle-events.ts';

export interface EventGridTopic {
  readonly endpoint: string;
  /** A secret. */
  readonly key: string;
  readonly statuses: ReadonlySet<LifecycleStatus>;
  /** Tries after the first one. */
  readonly retryCount: number;
  readonly retryIntervalMs: number;
  /** HTTP statuses that are worth another try. */
  readonly retryStatuses: ReadonlySet<number>;
}

const SECTION = 'extensions.durableTask.notifications.eventGrid';
const FAILURE = 'Failed to start lifecycle notification feature.';
/** By which the .NET extension is told to publish with a managed identity. */
const IDENTITY_SETTING = 'EventGrid__topicEndpoint';
const SERVICE_UNAVAILABLE = 503;

const STATUS_OF_EVENT: Readonly<Record<string, LifecycleStatus>> = {
  Started: 'Running',
  Completed: 'Completed',
  Failed: 'Failed',
  Terminated: 'Terminated',
};

/** undefined when nothing is to be published. @throws {ConfigError} */
export function findEventGridTopic(config: Config): EventGridTopic | undefined {
  const { environment } = config;
  const { eventGrid } = config.durableTask.notifications;
  const { keySettingName = '', topicEndpoint = '', publishEventTypes } = eventGrid;
  if ((findAppSetting(environment, IDENTITY_SETTING) ?? '') !== '') {
    throw problem(
      config,
      `${FAILURE} The app setting '${IDENTITY_SETTING}' asks for a managed identity, which this version does not support. Remove it, and set topicEndpoint and keySettingName.`,
    );
  }
  if (keySettingName === '' && topicEndpoint === '') return undefined;
  const key = keySettingName === '' ? '' : (findAppSetting(environment, keySettingName) ?? '');
  if (keySettingName !== '' && key === '') {
    throw problem(
      config,
      `${FAILURE} Please check the configuration values for ${keySettingName} on AppSettings.`,
    );
  }
  if (keySettingName === '' || topicEndpoint === '') {
    throw problem(
      config,
      `${FAILURE} Please check the configuration values for topicEndpoint ('${topicEndpoint}') and keySettingName ('${keySettingName}').`,
    );
  }
  return {
    endpoint: resolveEndpoint(config, topicEndpoint),
    key,
    statuses: new Set(
      (publishEventTypes ?? Object.keys(STATUS_OF_EVENT)).flatMap((type) => {
        const status = ownMember(STATUS_OF_EVENT, type);
        return status === undefined ? [] : [status];
      }),
    ),
    retryCount: eventGrid.publishRetryCount,
    retryIntervalMs: eventGrid.publishRetryIntervalMs,
    retryStatuses: new Set([SERVICE_UNAVAILABLE, ...(eventGrid.publishRetryHttpStatus ?? [])]),
  };
}

function resolveEndpoint(config: Config, topicEndpoint: string): string {
  try {
    const endpoint = resolveAppSettings(topicEndpoint, config.environment);
    if (/^https?:/i.test(endpoint) && URL.canParse(endpoint)) return endpoint;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw problem(config, `${FAILURE} topicEndpoint: ${error.message}`);
  }
  throw problem(config, `${FAILURE} topicEndpoint must be the URL of an Event Grid topic.`);
}

function problem({ hostJsonPath }: Config, message: string): ConfigError {
  return new ConfigError([{ file: hostJsonPath ?? 'host.json', path: SECTION, message }]);
}

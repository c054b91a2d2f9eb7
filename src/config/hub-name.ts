/**
 * The name of the task hub. An explicit name must be right, the default one is made right. Mirrors DurableTaskOptions.HubName
 * and Validate, AzureStorageOptions.ValidateHubName and IsSanitizedHubName of the .NET extension.
 */
import { InvalidInputError } from '../core/errors.ts';
import { findAppSetting, resolveAppSettings, type Environment } from './app-setting.ts';

export const STANDARD_HUB_NAME = 'TestHubName';

/** Letters and digits, a letter first; 50 and not 45, as the .NET extension accepts it whatever its message says. */
const VALID_NAME = /^[A-Za-z][A-Za-z0-9]{2,49}$/;
const MAX_DEFAULT_LENGTH = 45;
const MIN_LENGTH = 3;

/**
 * @param configured `hubName` of host.json, `%APP_SETTING%` allowed; undefined when not set
 * @throws {InvalidInputError} for a bad name, for an app setting that does not exist, and for the default name in a
 * deployment slot, which would be shared with production.
 */
export function resolveHubName(configured: string | undefined, environment: Environment): string {
  if (configured !== undefined) {
    return checkHubName(resolveAppSettings(configured, environment));
  }
  const site = findAppSetting(environment, 'WEBSITE_SITE_NAME') ?? '';
  const name = site === '' ? STANDARD_HUB_NAME : sanitizeHubName(site);
  const slot = findAppSetting(environment, 'WEBSITE_SLOT_NAME') ?? '';
  if (slot !== '' && slot.toLowerCase() !== 'production') {
    throw new InvalidInputError(
      `Task Hub name must be specified in host.json when using slots. Specified name must not equal the default HubName (${name}). ` +
        'See documentation on Task Hubs for information on how to set this: https://docs.microsoft.com/azure/azure-functions/durable/durable-functions-task-hubs',
    );
  }
  return name;
}

/** @returns the name. @throws {InvalidInputError} for one that storage could not have. */
export function checkHubName(name: string): string {
  if (name === '') {
    throw new InvalidInputError('A non-empty HubName configuration is required.');
  }
  if (!VALID_NAME.test(name)) {
    throw new InvalidInputError(
      `Task hub name '${name}' should contain only alphanumeric characters, start with a letter, and have length between 3 and 45.`,
    );
  }
  return name;
}

/** Letters outside ASCII are dropped too, unlike in .NET, where they make a hub that storage refuses. */
export function sanitizeHubName(siteName: string): string {
  const kept = siteName.replaceAll(/[^A-Za-z0-9]/g, '');
  if (kept === '') {
    return 'DefaultTaskHub';
  }
  const name = `${/^\d/.test(kept) ? 't' : ''}${kept}`.slice(0, MAX_DEFAULT_LENGTH);
  return name.length < MIN_LENGTH ? `${name}Hub` : name;
}

/** Where an app in the official worker is to others. */
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';

/** Of the host on a developer's machine, which says its address nowhere; in Azure the site has a name. */
export const DEFAULT_URL = 'http://localhost:7071';

/** Where the management function is, below the route prefix of the app. */
export function managementRoute({ durableTask }: Config): string {
  return durableTask.managementFunction.route.replaceAll(/^\/+|\/+$/g, '');
}

/** What paths begin with that the management function is for. */
export function managementPath(config: Config): string {
  const { routePrefix } = config.http;
  return `${routePrefix === '' ? '' : `/${routePrefix}`}/${managementRoute(config)}`;
}

/** Core Tools says both: that this is development, and that the host is a port of this machine. */
const OF_THIS_MACHINE = /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?$/i;

/** On a developer's machine, where the host asks for no keys either. One of the two settings alone proves nothing. */
export function isDevelopment({ environment }: Pick<Config, 'environment'>): boolean {
  const name = findAppSetting(environment, 'AZURE_FUNCTIONS_ENVIRONMENT') ?? '';
  const site = findAppSetting(environment, 'WEBSITE_HOSTNAME') ?? '';
  return name.toLowerCase() === 'development' && OF_THIS_MACHINE.test(site);
}

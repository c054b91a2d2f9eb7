/** By which name other workers of a hub know an app: the same on all machines, and in all versions. */
import path from 'node:path';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { readAppPackage } from '../function-app/loading/entry-points.ts';

/** The name of its site in Azure, else that of its package, else that of its folder. */
export async function appNameOf({ environment, scriptRoot }: Config): Promise<string> {
  const site = findAppSetting(environment, 'WEBSITE_SITE_NAME') ?? '';
  if (site !== '') return site;
  // Loading the app says what is wrong with its package.
  const { name } = await readAppPackage(scriptRoot, () => undefined);
  return name ?? path.basename(scriptRoot);
}

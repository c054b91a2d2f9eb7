/** Which versions of instances an app runs, as its host.json says. */
import type { Config } from '../config/config.ts';
import type { Versioning } from '../core/versioning.ts';

/** @returns undefined where it has no version: it runs all. */
export function versioningOf({ durableTask }: Config): Versioning | undefined {
  const { defaultVersion, versionMatchStrategy, versionFailureStrategy } = durableTask;
  if (defaultVersion === undefined) return undefined;
  return {
    appVersion: defaultVersion,
    match: versionMatchStrategy,
    failure: versionFailureStrategy,
  };
}

/** The id of an app's lease: the same in every process of the app, .NET or ours. Mirrors the constructor of AppLeaseManager. */
import { fnv1a } from '../../core/partition-of.ts';

/** @param appName `WEBSITE_SITE_NAME`; empty outside of Azure. */
export function appLeaseId(appName: string): string {
  return `${fnv1a(appName).toString(16).padStart(8, '0')}-0000-0000-0000-000000000000`;
}

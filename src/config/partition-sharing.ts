/** What has to fit together in the settings that say how workers share the partitions of a hub. */
import type { Findings } from './config-error.ts';
import { findDeclared, type Setting } from './setting.ts';
import type { SettingsSection } from './settings-node.ts';
import { storageProviderSettings } from './storage-provider-settings.ts';

export interface PartitionSharing {
  readonly useTablePartitionManagement: boolean;
  readonly useLegacyPartitionManagement: boolean;
  readonly leaseIntervalMs: number;
}

/** What Azure Storage allows for a lease. */
const MIN_BLOB_LEASE_MS = 15_000;
const MAX_BLOB_LEASE_MS = 60_000;

/** Mirrors the check of AzureStorageOrchestrationServiceSettings. */
export function checkPartitionSharing(
  section: SettingsSection,
  sharing: PartitionSharing,
  findings: Findings,
): void {
  const { useTablePartitionManagement, useLegacyPartitionManagement, leaseIntervalMs } = sharing;
  const complain = (setting: Setting<unknown>, message: string): void => {
    const origin = findDeclared(section, setting)[0]?.node.origin;
    const place = origin ?? { file: section.origin.file, path: setting.path };
    findings.problems.push({ ...place, message });
  };
  if (useTablePartitionManagement) {
    if (!useLegacyPartitionManagement) return;
    complain(
      storageProviderSettings.useLegacyPartitionManagement,
      'UseLegacyPartitionManagement and UseTablePartitionManagement (true when it is not set) cannot both be true. Set useTablePartitionManagement to false to share partitions by leases of blobs, or leave useLegacyPartitionManagement out.',
    );
  } else if (leaseIntervalMs < MIN_BLOB_LEASE_MS || leaseIntervalMs > MAX_BLOB_LEASE_MS) {
    complain(
      storageProviderSettings.leaseIntervalMs,
      'LeaseInterval must be between 00:00:15 and 00:01:00 where partitions are shared by leases of blobs (useTablePartitionManagement: false): storage has no others.',
    );
  }
}

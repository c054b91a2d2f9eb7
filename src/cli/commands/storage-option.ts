/** `--storage`: says where the task hub lives, in the form in which the environment overrides host.json. */
export const STORAGE_KINDS = ['azure', 'local', 'memory'] as const;

export type StorageKind = (typeof STORAGE_KINDS)[number];

const PROVIDER = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__type';

export function storageOverride(kind: StorageKind | undefined): Readonly<Record<string, string>> {
  if (kind === undefined) return {};
  return { [PROVIDER]: kind === 'azure' ? 'AzureStorage' : kind };
}

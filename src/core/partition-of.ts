/**
 * Which control queue an instance belongs to: FNV-1a over the UTF-8 bytes of the raw id.
 * Mirrors DurableTask.AzureStorage Fnv1aHashHelper and GetControlQueueForInstance.
 */
export function partitionOf(instanceId: string, partitionCount: number): number {
  return fnv1a(instanceId) % partitionCount;
}

/** FNV-1a, 32 bit, unsigned. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

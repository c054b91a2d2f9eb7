/** GUIDs as text: 32 hex digits with dashes between them. */
import { createHash } from 'node:crypto';

/** 32 hex digits as a dashed GUID. */
export function toGuid(id: string): string {
  return [
    id.slice(0, 8),
    id.slice(8, 12),
    id.slice(12, 16),
    id.slice(16, 20),
    id.slice(20, 32),
  ].join('-');
}

/** The GUID of version 5 that RFC 4122 makes of a name: the same name gives the same one. @param namespace a dashed GUID. */
export function guidOfName(namespace: string, name: string): string {
  const digest = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return toGuid(digest.toString('hex', 0, 16));
}

/**
 * Values of keys as the Functions host makes them: 40 bytes in URL-safe base64, of which 33 are random and the others let secret
 * scanners recognise a key that leaked: the text `AzFu` and a checksum that tells the kind. Mirrors SecretGenerator.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { marvinChecksum } from './marvin-checksum.ts';

export type KeyKind = 'master' | 'system' | 'function';

/** `Master00`, `System00` and `Functi00` as numbers: the host's own, or it takes our keys for foreign ones. */
const SEEDS: Readonly<Record<KeyKind, bigint>> = {
  master: 0x4d61737465723030n,
  system: 0x53797374656d3030n,
  function: 0x46756e6374693030n,
};

const RANDOM_BYTES = 33;
const SIGNATURE = Buffer.from('AzFu', 'base64');

/** 264 random bits; safe in a query as it is. */
export function newKeyValue(kind: KeyKind): string {
  const body = Buffer.concat([randomBytes(RANDOM_BYTES), SIGNATURE]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(marvinChecksum(body, SEEDS[kind]));
  // base64url would drop the padding, which the host keeps.
  return Buffer.concat([body, checksum])
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Marvin32, the checksum in keys of Azure Functions. Mirrors Marvin.ComputeHash32 of Microsoft.Security.Utilities. */

/** @returns 32 bits, unsigned. */
export function marvinChecksum(data: Uint8Array, seed: bigint): number {
  let low = Number(seed & 0xffff_ffffn);
  let high = Number(seed >> 32n);
  const mix = (word: number): void => {
    low = (low + word) >>> 0;
    high = (high ^ low) >>> 0;
    low = (rotateLeft(low, 20) + high) >>> 0;
    high = (rotateLeft(high, 9) ^ low) >>> 0;
    low = (rotateLeft(low, 27) + high) >>> 0;
    high = rotateLeft(high, 19);
  };
  for (const word of wordsOf(data)) mix(word);
  mix(0);
  return (low ^ high) >>> 0;
}

/** Little-endian; a byte 0x80 ends the data, zeros fill the last word. */
function wordsOf(data: Uint8Array): readonly number[] {
  const padded = Buffer.alloc((Math.floor(data.length / 4) + 1) * 4);
  padded.set(data);
  padded[data.length] = 0x80;
  return Array.from({ length: padded.length / 4 }, (_, index) => padded.readUInt32LE(index * 4));
}

function rotateLeft(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

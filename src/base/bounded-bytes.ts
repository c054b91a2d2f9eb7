/** Reading what others send: never more of it than the reader is ready for. */

export class TooManyBytesError extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`More than ${limit} bytes came.`);
    this.limit = limit;
  }
}

/**
 * All of the chunks together. Reading stops at the first byte too many.
 * @throws {TooManyBytesError}
 */
export async function boundedBytes(
  chunks: AsyncIterable<Uint8Array | string>,
  limit: number,
): Promise<Buffer> {
  const read: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.byteLength;
    if (size > limit) throw new TooManyBytesError(limit);
    read.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  return Buffer.concat(read);
}

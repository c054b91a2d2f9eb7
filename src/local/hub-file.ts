/**
 * Looks at the file of a hub before the database is opened. The database maps its file into memory and believes what it reads: a
 * file that is cut short, or is something else, would end the process. What is checked is the format of LMDB's first two pages.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DurableError } from '../core/errors.ts';

/** Of a new database: that of most machines. A page of the file says which one it has. */
const MIN_PAGE_BYTES = 512;
const MAX_PAGE_BYTES = 65_536;
const MAGIC = 0xbeefc0de;
/** Places of a meta page: see MDB_page and MDB_meta of LMDB. */
const MAGIC_AT = 24;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;

/**
 * Whether there is a file. @throws {DurableError} `CONFIG`, when it cannot be the file of a hub, or a part of it is missing.
 */
export function checkHubFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const expected = expectedBytes(file);
    if (expected === undefined) {
      throw damaged(path, 'it does not begin as the file of a task hub does');
    }
    if (size < expected) {
      throw damaged(path, `it has ${size} bytes, and ${expected} were written to it`);
    }
    return true;
  } finally {
    closeSync(file);
  }
}

/** How long the file has to be by its newest meta page; undefined when it has none. */
function expectedBytes(file: number): number | undefined {
  const first = metaAt(file, 0);
  if (first === undefined) return undefined;
  const second = metaAt(file, first.pageBytes);
  if (second?.pageBytes !== first.pageBytes) return undefined;
  const newest = second.transaction > first.transaction ? second : first;
  return Number(newest.lastPage + 1n) * newest.pageBytes;
}

function metaAt(file: number, position: number) {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  const pageBytes = bytes.readUInt32LE(PAGE_BYTES_AT);
  if (pageBytes < MIN_PAGE_BYTES || pageBytes > MAX_PAGE_BYTES) return undefined;
  return {
    pageBytes,
    lastPage: bytes.readBigUInt64LE(LAST_PAGE_AT),
    transaction: bytes.readBigUInt64LE(TRANSACTION_AT),
  };
}

function damaged(path: string, reason: string): DurableError {
  return new DurableError(
    'CONFIG',
    `The file ${path} is damaged: ${reason}. Nothing was changed. Put back a copy of the folder, or delete the folder to begin with an empty task hub.`,
  );
}

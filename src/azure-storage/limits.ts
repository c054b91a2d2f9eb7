/** What Azure Storage cannot hold: see where each number comes from. */
import type { BackendLimits } from '../core/backend-limits.ts';
import { escapeKey } from './key-escape.ts';

/** The longest id that the partition key of a table holds, in UTF-16 units as they are stored. */
export const MAX_STORED_ID_LENGTH = 512;
/** A message with it has to be shorter than the longest text that is unpacked: see large-payloads.ts. */
const MAX_PAYLOAD_BYTES = 255 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A queue hides a message for at most 7 days, hence the 6 days of DurableTask.AzureStorage (`MaximumTimerInterval`) and its
 * slices of 3.
 *
 * @example
 * // A hub in memory that takes no more than a storage account would.
 * createMemoryBackend({ limits: AZURE_STORAGE_LIMITS });
 */
export const AZURE_STORAGE_LIMITS: BackendLimits = {
  idProblem(id) {
    const storedLength = escapeKey(id).length;
    if (storedLength > MAX_STORED_ID_LENGTH) {
      return `must not exceed ${MAX_STORED_ID_LENGTH} characters`;
    }
    if (/\p{Surrogate}/u.test(id)) return 'must not contain half of a surrogate pair';
    // As a part of a blob's path they mean something else.
    if (id === '.' || id === '..') return "must not be '.' or '..'";
    return undefined;
  },
  maxPayloadBytes: MAX_PAYLOAD_BYTES,
  maxTimerMs: 6 * DAY_MS,
  timerSliceMs: 3 * DAY_MS,
};

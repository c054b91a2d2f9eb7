/** Calls about one message, by the receipt of whoever holds it: a lapsed receipt is no error, but an answer. */
import { codeOf, statusOf, storageCall } from '../storage-error.ts';

/**
 * Runs a call to storage about a message; undefined when it is gone, or somebody else's by now.
 * @param what completes "Could not …": operation, message and queue.
 * @throws {BackendUnavailableError}
 */
export async function unlessGone<Result>(
  what: string,
  call: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await storageCall(what, call);
  } catch (error) {
    if (statusOf(error) === 404 || codeOf(error) === 'PopReceiptMismatch') return undefined;
    throw error;
  }
}

/**
 * How often each message was tried in vain by this process, so that none is tried for ever. A delivery alone is no try: a lease that
 * was lost, a process that died, a message that came too early and storage that is away say nothing about the message.
 */
import { BackendUnavailableError, SessionLostError } from '../../core/errors.ts';
import { VersionRejectedError } from '../../core/versioning.ts';
import type { DeliveredMessage } from '../backend.ts';
import { LeftToOthersError, UnseenFunctionError } from '../other-workers.ts';
import { RunAbortedError } from '../run-aborted.ts';
import { RunRefusedError } from './run-refused.ts';

/** After so many tries a message is set aside, unless the configuration says otherwise. */
export const DEFAULT_POISON_THRESHOLD = 5;

export class FailedTries {
  readonly #threshold: number;
  readonly #tries = new WeakMap<DeliveredMessage, number>();

  constructor(threshold = DEFAULT_POISON_THRESHOLD) {
    this.#threshold = threshold;
  }

  /**
   * Counts a try of messages that ended in `error`.
   * @returns those that have been tried often enough.
   */
  note<Message extends DeliveredMessage>(
    messages: readonly Message[],
    error: unknown,
  ): readonly Message[] {
    if (!isFault(error)) return [];
    // Its tries were counted from process to process.
    if (error instanceof RunRefusedError) return messages;
    return messages.filter((message) => {
      const tries = (this.#tries.get(message) ?? 0) + 1;
      this.#tries.set(message, tries);
      return tries >= this.#threshold;
    });
  }
}

/** Whether the next try will hardly end otherwise. */
export function isFault(error: unknown): boolean {
  if (error instanceof BackendUnavailableError) return error.isRefusal;
  return !(
    error instanceof SessionLostError ||
    error instanceof VersionRejectedError ||
    error instanceof LeftToOthersError ||
    error instanceof UnseenFunctionError ||
    error instanceof RunAbortedError
  );
}

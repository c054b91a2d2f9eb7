/**
 * Holds a message for longer at half-time, again and again, while its function runs. Mirrors UpdateQueueMessageVisibilityCommand
 * under LinearSpeedupStrategy.
 */
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HeldMessage, TriggerQueue } from './trigger-queue.ts';

export interface KeepHeldOptions {
  readonly queue: TriggerQueue;
  /** How long a message is held at a time. */
  readonly holdMs: number;
  readonly log: Logger;
}

/** The pause after a failed try, if the time allows for it. */
const RETRY_MS = 60_000;

/** @returns what ends it; resolves when the receipt of the message does not change any more. */
export function keepHeld(
  message: HeldMessage,
  { queue, holdMs, log }: KeepHeldOptions,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let holding: Promise<void> = Promise.resolve();
  let isOver = false;
  const holdIn = (delayMs: number): void => {
    if (isOver) return;
    timer = setTimeout(() => {
      holding = hold();
    }, delayMs).unref();
  };
  const hold = async (): Promise<void> => {
    try {
      if (await queue.hold(message)) holdIn(holdMs / 2);
    } catch (error) {
      const warning = `The message '${message.received.messageId}' of queue '${queue.name}' may come again while it is worked on: ${errorText(error)}`;
      text(log, 'warning', 'Host.Triggers.Queue', warning, error);
      holdIn(Math.min(RETRY_MS, holdMs / 4));
    }
  };
  holdIn(holdMs / 2);
  return async () => {
    isOver = true;
    clearTimeout(timer);
    await holding;
  };
}

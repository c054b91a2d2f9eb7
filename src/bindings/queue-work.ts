/** What a message of a queue trigger makes its function do. Mirrors QueueTriggerExecutor. */
import { InvalidInputError } from '../core/errors.ts';
import type { FunctionApp, InvocationRequest } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { queueRequest } from '../triggers/queue-payload.ts';
import { runFunction } from '../triggers/run-function.ts';
import { decodeBody, type QueueEncoding } from './queue-message.ts';
import { type MessageWork, reasonOf } from './queue-run.ts';
import type { HeldMessage } from './trigger-queue.ts';

export interface QueueWorkOptions {
  readonly app: Pick<FunctionApp, 'invoke'>;
  readonly fn: LoadedFunction;
  readonly queueName: string;
  readonly encoding: QueueEncoding;
  readonly log: Logger;
}

/** undefined for a message that the function can never get. */
export function queueWork(
  message: HeldMessage,
  options: QueueWorkOptions,
): MessageWork | undefined {
  const { app, fn, queueName, log } = options;
  const request = requestOf(message, options);
  if (request === undefined) return undefined;
  const reason = reasonOf(`New queue message detected on '${queueName}'.`, message);
  return async () => (await runFunction(app, fn, request, reason, log)).kind === 'succeeded';
}

function requestOf(
  { received, popReceipt }: HeldMessage,
  { fn, queueName, encoding, log }: QueueWorkOptions,
): InvocationRequest | undefined {
  const { messageId } = received;
  const body = decodeBody(received.messageText, encoding);
  if (body === undefined) {
    text(
      log,
      'warning',
      'Host.Triggers.Queue',
      `The message '${messageId}' of queue '${queueName}' is not Base64. Senders that write plain text need "messageEncoding": "none" under extensions.queues of host.json.`,
    );
    return undefined;
  }
  try {
    return queueRequest(fn, { ...received, id: messageId, popReceipt, body });
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    text(log, 'warning', 'Host.Triggers.Queue', error.message, error);
    return undefined;
  }
}

/** The value and the metadata of a queue trigger, in the names of .NET. Mirrors QueueTriggerBinding.CreateBindingData. */
import { randomUUID } from 'node:crypto';
import { InvalidInputError } from '../core/errors.ts';
import type { InvocationRequest } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import type { RpcTypedData } from '../function-app/rpc-typed-data.ts';

export interface QueueMessage {
  readonly id: string;
  readonly popReceipt: string;
  /** How often it was received, this time included. */
  readonly dequeueCount: number;
  /** Decoded. */
  readonly body: Buffer;
  readonly insertedOn: Date;
  /** undefined: never. */
  readonly expiresOn: Date | undefined;
  readonly nextVisibleOn: Date | undefined;
}

const MAX_DATE = '9999-12-31T23:59:59.9999999+00:00';

/** @throws {InvalidInputError} for a body that is no text, unless the binding's `dataType` is `binary`. */
export function queueRequest(fn: LoadedFunction, message: QueueMessage): InvocationRequest {
  const text = textOf(message.body);
  const isBinary = /^(?:binary|stream)$/i.test(fn.trigger.dataType ?? '');
  if (text === undefined && !isBinary) {
    throw new InvalidInputError(
      `The message '${message.id}' is no UTF-8 text. Set the dataType of the trigger '${fn.trigger.name}' to 'binary' to receive bytes.`,
    );
  }
  return {
    triggerData: isBinary || text === undefined ? { bytes: message.body } : { string: text },
    triggerMetadata: {
      ...(text !== undefined && { QueueTrigger: { string: text } }),
      DequeueCount: { json: String(message.dequeueCount) },
      ExpirationTime: dateOf(message.expiresOn),
      Id: { string: message.id },
      InsertionTime: dateOf(message.insertedOn),
      NextVisibleTime: dateOf(message.nextVisibleOn),
      PopReceipt: { string: message.popReceipt },
    },
  };
}

/** The message that a text stands for when somebody runs the function by hand. Mirrors StringToStorageQueueMessageConverter. */
export function handMadeMessage(text: string, nowMs: number): QueueMessage {
  return {
    id: randomUUID(),
    popReceipt: '',
    dequeueCount: 0,
    body: Buffer.from(text, 'utf8'),
    insertedOn: new Date(nowMs),
    expiresOn: undefined,
    nextVisibleOn: undefined,
  };
}

function textOf(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // what the decoder says of other bytes
    throw error;
  }
}

/** As Newtonsoft writes a DateTimeOffset. */
function dateOf(date: Date | undefined): RpcTypedData {
  const text =
    date === undefined
      ? MAX_DATE
      : date.toISOString().replace(/(?:\.000|(\.\d*?)0*)Z$/, '$1+00:00');
  return { json: JSON.stringify(text) };
}

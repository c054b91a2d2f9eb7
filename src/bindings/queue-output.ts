/**
 * The `queue` output binding: one message for a value, several for a list. Mirrors QueuesExtensionConfigProvider, and
 * FunctionBinding.BindAsyncCollectorAsync of the Functions host.
 */
import type { QueueClient } from '@azure/storage-queue';
import { parseJson } from '../base/json.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import { describeThrown } from '../function-app/failure-text.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import { toValue, type RpcTypedData } from '../function-app/rpc-typed-data.ts';
import { resolveBindingExpression } from './binding-expression.ts';
import { encodeBody, putMessage, type QueueEncoding } from './queue-message.ts';
import { declaredQueueName, toQueueName } from './queue-name.ts';
import type { StorageWatcher } from './storage-watcher.ts';
import type { StorageAccounts } from './storage-account.ts';

export interface QueueOutputOptions {
  readonly accounts: StorageAccounts;
  readonly encoding: QueueEncoding;
  readonly watcher: StorageWatcher;
}

export function queueOutput({ accounts, encoding, watcher }: QueueOutputOptions): BindingExtension {
  const open = (binding: BindingInfo, queueName: string): QueueClient =>
    accounts.clientsOf(binding, 'queue').queue(toQueueName(queueName));
  return {
    types: ['queue'],
    supports: (binding) => nameProblem(binding) ?? accounts.problemOf(binding, 'queue'),
    async write(binding, value, fn, triggerMetadata) {
      try {
        const template = declaredQueueName(binding);
        const name = resolveBindingExpression(template, { fn, binding, triggerMetadata });
        const queue = open(binding, name);
        // One after the other, so that they are found in their order.
        for (const body of messageBodies(value)) {
          await putMessage(queue, encodeBody(body, encoding));
          watcher.notify(queue.url);
        }
      } catch (error) {
        throw new Error(
          `The queue output '${binding.name}' of function '${fn.name}' was not written: ${describeThrown(error).message}`,
          { cause: error },
        );
      }
    },
  };
}

/** A name with expressions is complete only when the function runs. */
function nameProblem(binding: BindingInfo): string | undefined {
  try {
    const name = declaredQueueName(binding);
    if (!name.includes('{')) toQueueName(name);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
}

/** A list, or the JSON text of one, is one message for each member; null is none. */
function messageBodies(value: RpcTypedData): readonly (string | Uint8Array)[] {
  const plain = toValue(value);
  const list = Array.isArray(plain) ? (plain as readonly unknown[]) : parseList(plain);
  if (list !== undefined) return list.flatMap(bodyOf);
  return typeof value.json === 'string' && isObject(plain) ? [value.json] : bodyOf(plain);
}

function bodyOf(value: unknown): readonly (string | Uint8Array)[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'string' || value instanceof Uint8Array) return [value];
  return [JSON.stringify(value)];
}

function parseList(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'string' || !/^\s*\[.*\]\s*$/s.test(value)) return undefined;
  return parseJson(value) as readonly unknown[] | undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
}

/** Names of queues in bindings. Mirrors QueueClientExtensions.ValidateQueueName and CreatePoisonQueueReference. */
import { InvalidInputError } from '../core/errors.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';

const QUEUE_NAME = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;
const POISON_SUFFIX = '-poison';

/** As written. @throws {InvalidInputError} when the binding has none. */
export function declaredQueueName(binding: BindingInfo): string {
  const { queueName } = binding;
  if (typeof queueName === 'string' && queueName !== '') return queueName;
  throw new InvalidInputError(`it names no queue. Give it a 'queueName' such as "orders".`);
}

/** In lower case. @throws {InvalidInputError} when no queue can be called so. */
export function toQueueName(text: string): string {
  const name = text.toLowerCase();
  if (QUEUE_NAME.test(name)) return name;
  throw new InvalidInputError(
    `'${text}' cannot be the name of a queue: those have 3 to 63 letters, digits and dashes, no dash at either end, and no two dashes in a row.`,
  );
}

/** Where messages of the queue go that fail too often; undefined when there is none: for such a queue itself, and when the name were too long. */
export function poisonQueueName(queueName: string): string | undefined {
  const name = `${queueName}${POISON_SUFFIX}`;
  return queueName.endsWith(POISON_SUFFIX) || !QUEUE_NAME.test(name) ? undefined : name;
}

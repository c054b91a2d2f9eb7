/** Real function apps with queue triggers and queue outputs, on the shared Azurite. */
import { queueOutput } from '../../src/bindings/queue-output.ts';
import { createQueueTriggers, type QueueSettings } from '../../src/bindings/queue-triggers.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { storage } from './bound-app.ts';
import { triggeredApp } from './triggered-app.ts';

const SETTINGS: QueueSettings = {
  batchSize: 16,
  newBatchThreshold: 8,
  maxPollingIntervalMs: 100,
  maxDequeueCount: 5,
  visibilityTimeoutMs: 0,
  messageEncoding: 'base64',
};

export interface QueueAppOptions extends Partial<QueueSettings> {
  readonly holdMs?: number;
  /** @default the shared Azurite */
  readonly connectionString?: string;
}

/** A classic function `F` that is triggered by the queue; `code` sees `context` and `item`. */
export function classicQueueFunction(
  queueName: string,
  code: string,
  more: { readonly trigger?: object; readonly bindings?: readonly object[] } = {},
): Record<string, unknown> {
  const trigger = { type: 'queueTrigger', direction: 'in', name: 'item', queueName };
  return {
    'F/function.json': {
      bindings: [{ ...trigger, ...more.trigger }, ...(more.bindings ?? [])],
    },
    'F/index.js': `module.exports = async function (context, item) { ${code} };`,
  };
}

/** The same in the v4 model. */
export function v4QueueFunction(queueName: string, code: string): Record<string, unknown> {
  return {
    'package.json': { main: 'index.js' },
    'index.js': `
      const { app, output } = require('@azure/functions');
      app.storageQueue('F', {
        queueName: ${JSON.stringify(queueName)},
        connection: 'AzureWebJobsStorage',
        handler: async (item, context) => { ${code} },
      });`,
  };
}

export async function queueApp(
  files: Readonly<Record<string, unknown>>,
  { holdMs, connectionString = azuriteConnectionString(), ...changes }: QueueAppOptions = {},
) {
  const settings = { ...SETTINGS, ...changes };
  return triggeredApp(files, connectionString, {
    binding: (accounts, watcher) =>
      queueOutput({ accounts, encoding: settings.messageEncoding, watcher }),
    triggers: (parts) =>
      createQueueTriggers({ ...parts, settings, ...(holdMs !== undefined && { holdMs }) }),
  });
}

/** A queue that is there. */
export async function createQueue(name: string) {
  const queue = storage().queue(name);
  await queue.create();
  return queue;
}

export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** The texts of all visible messages, decoded; those messages stay. */
export async function peek(name: string): Promise<readonly string[]> {
  const { peekedMessageItems } = await storage().queue(name).peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) =>
    Buffer.from(messageText, 'base64').toString('utf8'),
  );
}

/** Messages that are in the queue, hidden ones included. */
export async function countMessages(name: string): Promise<number> {
  return (await storage().queue(name).getProperties()).approximateMessagesCount ?? 0;
}

/** Real function apps with the data bindings, on the shared Azurite: functions are run by hand, with a text as their input. */
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { blobBinding } from '../../src/bindings/blob-binding.ts';
import { StorageAccounts } from '../../src/bindings/storage-account.ts';
import { tableBinding } from '../../src/bindings/table-binding.ts';
import { resolveAppSettings } from '../../src/config/app-setting.ts';
import { findStorageConnection } from '../../src/config/storage-connection.ts';
import type { BindingExtension } from '../../src/function-app/binding-extension.ts';
import type { InvocationResult } from '../../src/function-app/function-app.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import { runManually } from '../../src/triggers/manual-run.ts';
import { recordingLog } from '../triggers/app-values.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { createScratchApp } from '../support/scratch-app.ts';

export const storage = () => openStorage(azuriteConnectionString(), undefined);

/** Lower case letters and digits, good for containers and tables. */
export function freshName(prefix: string): string {
  return `${prefix}${randomBytes(6).toString('hex')}`;
}

export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly name: string;
  readonly [property: string]: unknown;
}

/** A classic function `F` with a manual trigger; `code` sees `context` and `input`. */
export function classicFunction(
  code: string,
  bindings: readonly Binding[],
): Record<string, unknown> {
  const trigger = { type: 'manualTrigger', direction: 'in', name: 'input' };
  return {
    'F/function.json': { bindings: [trigger, ...bindings] },
    'F/index.js': `module.exports = async function (context, input) { ${code} };`,
  };
}

/** The same in the v4 model; `code` sees `context`, `input`, `ins` and `outs`, the bindings by name. */
export function v4Function(code: string, bindings: readonly Binding[]): Record<string, unknown> {
  return {
    'package.json': { main: 'index.js' },
    'index.js': `
      const { app, trigger, input: inputs, output } = require('@azure/functions');
      const [ins, outs] = [{}, {}];
      for (const { direction, ...options } of ${JSON.stringify(bindings)})
        (direction === 'in' ? ins : outs)[options.name] = (direction === 'in' ? inputs : output).generic(options);
      app.generic('F', {
        trigger: trigger.generic({ type: 'manualTrigger', name: 'input' }),
        extraInputs: Object.values(ins),
        extraOutputs: Object.values(outs),
        handler: async (input, context) => { ${code} },
      });`,
  };
}

export async function boundApp(
  files: Readonly<Record<string, unknown>>,
  options: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly bindings?: readonly BindingExtension[];
  } = {},
) {
  const scratch = await createScratchApp({
    files,
    packages: { '@azure/functions': '@azure/functions' },
  });
  onTestFinished(() => scratch.remove());
  const settings = { AzureWebJobsStorage: azuriteConnectionString(), ...options.settings };
  const accounts = new StorageAccounts((connection, service) => {
    const { account } = findStorageConnection(settings, connection, [service]);
    if (!('connectionString' in account)) throw new Error('These tests have no identity.');
    return openStorage(account.connectionString, undefined);
  });
  const log = recordingLog();
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log,
    bindings: options.bindings ?? [blobBinding(accounts), tableBinding(accounts)],
    resolveSetting: (text) => resolveAppSettings(text, settings),
  });
  onTestFinished(() => app.dispose());
  return {
    problems: app.problems,
    /** Runs `F` and gives back what it returned, or throws what it failed with. */
    async run(input?: unknown): Promise<unknown> {
      const [fn] = app.functions;
      if (fn === undefined) throw new Error(JSON.stringify(app.problems));
      let result: InvocationResult | undefined;
      const invoke: typeof app.invoke = async (...args) => (result = await app.invoke(...args));
      const text = typeof input === 'string' ? input : JSON.stringify(input);
      await runManually({ app: { invoke }, fn, input: text, log });
      if (result?.kind !== 'succeeded') throw new Error(result?.message ?? log.messages().join());
      return result.returnValue;
    },
  };
}

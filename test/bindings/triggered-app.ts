/** A real function app whose functions are run by triggers in the shared Azurite, with what its runs came to. Gone with the test. */
import { onTestFinished } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { StorageAccounts } from '../../src/bindings/storage-account.ts';
import { StorageWatcher } from '../../src/bindings/storage-watcher.ts';
import type { BindingExtension } from '../../src/function-app/binding-extension.ts';
import type {
  FunctionApp,
  FunctionProblem,
  InvocationResult,
} from '../../src/function-app/function-app.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import { createScratchApp } from '../support/scratch-app.ts';
import { recordingLog } from '../triggers/app-values.ts';

/** What triggers are made of. */
interface Parts {
  readonly app: Pick<FunctionApp, 'functions' | 'invoke'>;
  readonly accounts: StorageAccounts;
  readonly watcher: StorageWatcher;
  readonly log: ReturnType<typeof recordingLog>;
}

interface Triggers {
  readonly problems: readonly FunctionProblem[];
  start(): void;
  stop(abort: AbortSignal): Promise<void>;
}

export async function triggeredApp<Made extends Triggers>(
  files: Readonly<Record<string, unknown>>,
  connectionString: string,
  make: {
    readonly binding: (accounts: StorageAccounts, watcher: StorageWatcher) => BindingExtension;
    readonly triggers: (parts: Parts) => Made;
  },
) {
  const scratch = await createScratchApp({
    files,
    packages: { '@azure/functions': '@azure/functions' },
  });
  onTestFinished(() => scratch.remove());
  const log = recordingLog();
  const accounts = new StorageAccounts(() => openStorage(connectionString, undefined));
  const watcher = new StorageWatcher();
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log,
    bindings: [make.binding(accounts, watcher)],
    resolveSetting: (text) => text,
  });
  onTestFinished(() => app.dispose());
  const results: InvocationResult[] = [];
  const invoke: typeof app.invoke = async (...args) => {
    const result = await app.invoke(...args);
    results.push(result);
    return result;
  };
  const triggers = make.triggers({
    app: { functions: app.functions, invoke },
    ...{ accounts, watcher, log },
  });
  const stop = (abort: AbortSignal = new AbortController().signal) => triggers.stop(abort);
  onTestFinished(() => stop(AbortSignal.abort()));
  return {
    ...{ app, invoke, log, stop, triggers },
    /** What ran so far, in the order in which the runs ended. */
    results,
    /** What the runs that succeeded returned. */
    returned: () =>
      results.map((result) => {
        if (result.kind !== 'succeeded') return result.message;
        return result.returnValue?.string ?? result.returnValue?.json;
      }),
    problems: [...app.problems, ...triggers.problems],
    start: () => {
      triggers.start();
    },
  };
}

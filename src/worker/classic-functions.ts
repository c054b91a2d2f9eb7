/**
 * Functions of the classic model, which the host would find by their function.json, and would refuse. They are registered in code
 * here, in its place: the durable ones stay with us, the others go to the host as if the app had registered them.
 */
import { ownMember } from '../base/own-member.ts';
import {
  type AppPackage,
  loadModule,
  readAppPackage,
} from '../function-app/loading/entry-points.ts';
import { describeThrown } from '../function-app/failure-text.ts';
import { findCallback } from '../function-app/loading/function-callback.ts';
import { type FunctionFolder, readFunctionFolders } from '../function-app/loading/function-json.ts';
import { isTrue } from '../function-app/loading/function-registry.ts';
import type { FunctionMetadata } from '../function-app/programming-model.ts';
import { parseRetryOptions } from '../function-app/loading/retry-options.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { AppLife } from './interception.ts';

/** One that cannot be loaded is an error in the log, and the others run. */
export async function registerClassicFunctions(
  life: AppLife,
  scriptRoot: string,
  log: Logger,
): Promise<void> {
  const { folders, problems } = await readFunctionFolders(scriptRoot);
  const app = await readAppPackage(scriptRoot, () => undefined);
  const failures = [...problems];
  for (const folder of folders) {
    if (isDisabled(folder)) continue;
    try {
      await registerFolder(life, folder, app);
    } catch (error) {
      failures.push({ functionName: folder.name, reason: describeThrown(error).message });
    }
  }
  for (const { functionName, reason } of failures) {
    const message = `Worker was unable to load function ${functionName}: '${reason}'`;
    text(log, 'error', 'Host.Startup', message);
  }
}

async function registerFolder(
  life: AppLife,
  folder: FunctionFolder,
  app: AppPackage,
): Promise<void> {
  const callback = findCallback(await loadModule(folder.scriptFile, app), folder.entryPoint);
  life.registerOfApp(metadataOf(folder), callback);
}

function metadataOf({ name, directory, bindings, retry }: FunctionFolder): FunctionMetadata {
  const named = bindings.map((declared) => {
    const {
      name: bindingName,
      direction = 'in',
      ...binding
    } = declared as Readonly<Record<string, unknown>>;
    return [
      String(bindingName),
      { ...binding, direction: String(direction).toLowerCase() },
    ] as const;
  });
  const retryOptions = parseRetryOptions(retry);
  return {
    name,
    directory,
    bindings: Object.fromEntries(named),
    ...(retryOptions !== undefined && {
      retryOptions: {
        retryStrategy: retryOptions.strategy,
        maxRetryCount: retryOptions.maxRetryCount,
        delayInterval: duration(retryOptions.delayIntervalMs),
        minimumInterval: duration(retryOptions.minimumIntervalMs),
        maximumInterval: duration(retryOptions.maximumIntervalMs),
      },
    }),
  };
}

/** Of the protocol. */
function duration(ms: number | undefined): { seconds: number } | undefined {
  return ms === undefined ? undefined : { seconds: Math.round(ms / 1000) };
}

/** By function.json; settings that disable a function are the host's to read. */
function isDisabled({ disabled }: FunctionFolder): boolean {
  if (typeof disabled !== 'string') return disabled === true;
  return isTrue(disabled) || isTrue(ownMember(process.env, disabled));
}

/** Runs the code of an app for who wants to know whether it can continue what is stored, and for nothing else: no host, no worker. */
import type { Config } from '../config/config.ts';
import type { TaskHubBackend } from '../engine/backend.ts';
import { hasFunction, type FunctionKind } from '../engine/function-directory.ts';
import { InstanceReplayer } from '../engine/examine/instance-replayer.ts';
import { appNameOf } from '../hub/app-name.ts';
import { AppHubs } from '../hub/app-hubs.ts';
import { createBindings } from '../hub/bindings.ts';
import { createClient } from '../hub/connect-hub.ts';
import { otherHubOpener } from '../hub/other-hub.ts';
import { replaySettings } from '../hub/working-hub.ts';
import { silentLogger } from '../telemetry/log.ts';
import { applyEnvironment } from './environment.ts';
import { declareApp, bindApp } from './load-app.ts';

export interface LoadedReplayer {
  readonly replayer: InstanceReplayer;
  /** Why some functions of the app are not there; their instances cannot be judged. */
  readonly problems: readonly { readonly functionName: string; readonly reason: string }[];
}

/** Where a host would be: what the code of the app may read at its start. */
const PORT = 7071;

/**
 * Changes the environment and the folder of the process, as a host does for its app.
 * @throws {DurableError} `CONFIG`, when the app cannot be loaded.
 */
export async function loadReplayer(
  config: Config,
  backend: TaskHubBackend,
): Promise<LoadedReplayer> {
  const log = silentLogger;
  applyEnvironment(config, PORT);
  const declared = await declareApp(config, log);
  const client = createClient(backend, config, log);
  const { app, invoker } = await bindApp(declared, config, {
    hubs: new AppHubs({ config, client, openOther: otherHubOpener(config, log) }),
    limits: backend.limits,
    bindings: createBindings(config).extensions,
    log,
    version: 'replay',
    url: `http://localhost:${PORT}`,
    rpcBaseUrl: () => undefined,
    keys: undefined,
  });
  const settings = replaySettings(config);
  const othersHave = await functionsOfOthers(config, backend);
  const replayer = new InstanceReplayer({ backend, invoker, settings, othersHave });
  return { replayer, problems: app.problems };
}

/**
 * What live workers of other apps on the hub have. Those of another version of this app do not count: the question is whether the
 * version at hand can go on.
 */
async function functionsOfOthers(
  config: Config,
  backend: TaskHubBackend,
): Promise<(kind: FunctionKind, name: string) => boolean> {
  const ownName = await appNameOf(config);
  await backend.lookForOthers();
  const others = backend.otherApps().filter(({ name }) => name !== ownName);
  return (kind, name) => others.some(({ functions }) => hasFunction(functions, kind, name));
}

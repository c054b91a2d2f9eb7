/** Puts this package between the app and its worker: once in each process, however often it is loaded. */
import { type CoreApi, isStandIn } from '../function-app/loading/functions-core.ts';
import { errorText } from '../telemetry/log-events.ts';
import { findCoreModule } from './core-module.ts';
import { type AppLife, type AppStart, intercept } from './interception.ts';
import { PACKAGE } from './package.ts';

/** On the worker's object: what is loaded a second time, from wherever, finds it. */
const MARK = Symbol.for('durable-functions-extension.installed');

interface Installed {
  readonly version: string;
  readonly folder: string;
}

/**
 * Does nothing where there is no worker, and in this package's own host, which runs durable functions anyway. What is wrong is
 * logged, and the app starts.
 * @param core @default that of this process
 */
export function installInWorker(core: CoreApi | undefined = findCoreModule()): void {
  if (core === undefined || isStandIn(core)) return;
  const earlier = Reflect.get(core, MARK) as Installed | undefined;
  if (earlier !== undefined) {
    if (earlier.folder !== PACKAGE.folder) core.log('error', 'system', loadedTwice(earlier));
    return;
  }
  Reflect.defineProperty(core, MARK, { value: PACKAGE });
  let stop: (() => Promise<void>) | undefined;
  const { isLate } = intercept(core, {
    started: async (life, start) => {
      await ending(life.core, stop);
      stop = await startInWorker(life, start);
    },
    terminating: () => ending(core, stop),
  });
  if (isLate) core.log('error', 'system', LOADED_LATE);
}

const LOADED_LATE =
  'durable-functions-extension was loaded after functions had been registered. Those it has not seen, and the host refuses them if they are durable. Load it first: make "import \'durable-functions-extension/register\'" the first statement of the app, before any file that registers a function.';

function loadedTwice(earlier: Installed): string {
  return `durable-functions-extension was loaded twice: version ${earlier.version} from ${earlier.folder}, which runs the durable functions, and version ${PACKAGE.version} from ${PACKAGE.folder}, which does nothing. Keep one of them.`;
}

/** The worker would not end if this failed; what was not finished is delivered again. */
async function ending(core: CoreApi, stop: (() => Promise<void>) | undefined): Promise<void> {
  try {
    await stop?.();
  } catch (error) {
    core.log('error', 'system', `durable-functions-extension did not stop: ${errorText(error)}`);
  }
}

/** Whatever goes wrong here, the other functions of the app run. @returns stops what was started */
async function startInWorker(
  life: AppLife,
  start: AppStart,
): Promise<(() => Promise<void>) | undefined> {
  try {
    const { startApp } = await import('./start-app.ts');
    return await startApp(life, start);
  } catch (error) {
    const reason = errorText(error);
    life.clients.refuse(`it could not start: ${reason}`);
    life.core.log('error', 'system', `durable-functions-extension could not start: ${reason}`);
    return undefined;
  }
}

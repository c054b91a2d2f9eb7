/**
 * What is left to other workers of the hub: functions that this app does not have, and theirs does, as while a new version of an app is
 * rolled out, or where two apps share a hub. When no live worker has a function, it is run here, and fails as missing.
 */
import type { HubApp, TaskHubBackend } from './backend.ts';
import { hasFunction, type FunctionKind } from './function-directory.ts';
import type { FunctionDirectory } from './function-invoker.ts';
import { leftToOthers } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface OtherWorkersOptions {
  readonly backend: Pick<TaskHubBackend, 'otherApps' | 'lookForOthers'>;
  /** Of this app. */
  readonly functions: FunctionDirectory;
  readonly taskHub: string;
  readonly log: Logger;
}

/** This app does not have the function, and another worker of the hub does. */
export class LeftToOthersError extends Error {
  readonly app: HubApp;

  constructor(kind: FunctionKind, functionName: string, app: HubApp) {
    super(`The ${kind} '${functionName}' is not of this app. It is left to a worker that has it.`);
    this.app = app;
  }
}

/** Whether others have a function has to be looked up before it can be said that nobody has it. */
export class UnseenFunctionError extends Error {
  constructor(kind: FunctionKind, functionName: string) {
    super(`Whether another worker has the ${kind} '${functionName}' is not known.`);
  }
}

/** For so long it counts as known that nobody has a function. */
const MISSING_MS = 10_000;

export class OtherWorkers {
  readonly #options: OtherWorkersOptions;
  readonly #told = new Set<string>();
  #lookedMs = -Infinity;

  constructor(options: OtherWorkersOptions) {
    this.#options = options;
  }

  /** Whether only others have the function, by what is known of them now. Asks nobody. */
  have(kind: FunctionKind, functionName: string): boolean {
    return this.#appWith(kind, functionName) !== undefined;
  }

  /**
   * The same, but for where the answer is to be final.
   * @throws {UnseenFunctionError} when it is not: `look`, and ask again.
   */
  surelyHave(kind: FunctionKind, functionName: string): boolean {
    if (hasFunction(this.#options.functions, kind, functionName)) return false;
    if (this.have(kind, functionName)) return true;
    if (performance.now() - this.#lookedMs < MISSING_MS) return false;
    throw new UnseenFunctionError(kind, functionName);
  }

  /** Sees who came and went lately. @throws {BackendUnavailableError} */
  async look(): Promise<void> {
    await this.#options.backend.lookForOthers();
    this.#lookedMs = performance.now();
  }

  /**
   * The app that is to run the function: another one, when only others have it, those included that came lately. Costs nothing for
   * functions of this app.
   * @throws {BackendUnavailableError} when it cannot be known.
   */
  async findApp(kind: FunctionKind, functionName: string): Promise<HubApp | undefined> {
    if (hasFunction(this.#options.functions, kind, functionName)) return undefined;
    // Whoever had it may be gone by now, too.
    await this.look();
    const app = this.#appWith(kind, functionName);
    if (app !== undefined) this.#tell(kind, functionName, app);
    return app;
  }

  #appWith(kind: FunctionKind, functionName: string): HubApp | undefined {
    const { backend, functions } = this.#options;
    if (hasFunction(functions, kind, functionName)) return undefined;
    return backend.otherApps().find((app) => hasFunction(app.functions, kind, functionName));
  }

  /** Once for each function: it may come many times. */
  #tell(kind: FunctionKind, functionName: string, app: HubApp): void {
    const { log, taskHub } = this.#options;
    const key = `${kind} ${functionName}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    leftToOthers(log, { taskHub, functionName, functionType: kind, appName: app.name });
  }
}

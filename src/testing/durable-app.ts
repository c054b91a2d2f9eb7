/**
 * An app in a unit test: its code, loaded as the host loads it, on a task hub in memory whose time stands still. Knows no test
 * runner. The public face is `loadDurableApp`; `TestHub` has the time, `ReplacedFunctions` what a test puts in place of functions.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DurableError, InvalidInputError } from '../core/errors.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import { createAppInvoker } from '../function-app/app-invoker.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import { type DeclaredFunction, declareFunctionApp } from '../function-app/load-function-app.ts';
import type { CodeCheckMode } from '../function-app/orchestrator-code/code-checks.ts';
import type { Logger, LogRecord } from '../telemetry/log.ts';
import { jsonOf, valueOf } from './json-values.ts';
import { type Replacements, ReplacedFunctions } from './replaced-functions.ts';
import { type Duration, durationMs } from './standing-clock.ts';
import { StartedOrchestration } from './started-orchestration.ts';
import { TestHub } from './test-hub.ts';
import { TestedEntity } from './tested-entity.ts';
import { UserCode } from './user-code.ts';

export interface LoadDurableAppOptions extends Replacements {
  /** When the time of the app begins; it stands still until a test lets it pass. @default now */
  readonly startTime?: Date;
  /**
   * What becomes of an orchestrator that does what would be different at its next replay (`Date.now()`, a forgotten `yield`).
   * @default 'error': it fails, with file and line
   */
  readonly orchestratorCodeChecks?: CodeCheckMode;
  /** Gets what functions log, by `context.log` and `console`. @default console.log */
  readonly log?: (record: LogRecord) => void;
}

export interface StartOptions extends Replacements {
  /** @default a random one */
  readonly instanceId?: string;
}

/** As of host.json's `httpSettings.defaultAsyncRequestSleepTimeMilliseconds`. */
const DEFAULT_HTTP_PAUSE_MS = 30_000;
const DURABLE_TRIGGERS = ['orchestrationtrigger', 'activitytrigger', 'entitytrigger'];

/**
 * Loads an app for unit tests, of any generation of the SDK.
 *
 * @param from its folder, as `func start` takes it (`main` of package.json, or folders with function.json); or a function that
 *   imports or requires the code which registers functions: then the test runner loads it, TypeScript and mocks included.
 * @throws {DurableError} `CONFIG`, when a file of the app, or a durable function, cannot be loaded; or there is none.
 *
 * @example
 * const app = await loadDurableApp('./');
 * afterAll(() => app.dispose());
 *
 * @example
 * const app = await loadDurableApp(() => import('../src/functions/orders.ts'));
 */
export async function loadDurableApp(
  from: string | URL | (() => unknown),
  options: LoadDurableAppOptions = {},
): Promise<DurableApp> {
  const { orchestratorCodeChecks = 'error', startTime = new Date() } = options;
  const log = userLogger(options.log);
  const code = typeof from === 'function' ? from : undefined;
  const scriptRoot = typeof from === 'function' ? process.cwd() : folderOf(from);
  const declared = await declareFunctionApp({
    scriptRoot,
    runCode: code,
    environment: process.env,
    log,
    orchestratorCodeChecks,
    resolveSetting: (text) => text,
  });
  const app = await declared.bind([unusedBindings(declared.functions)]);
  try {
    checkLoaded(app, code === undefined ? scriptRoot : undefined);
    const settings = { defaultHttpAsyncRequestSleepTimeMs: DEFAULT_HTTP_PAUSE_MS };
    const userCode = new UserCode();
    const functions = createAppInvoker({ app, settings, log });
    const invoker = new ReplacedFunctions(functions, userCode, options);
    const hub = new TestHub({ invoker, userCode, log, startMs: startTime.getTime() });
    await hub.start();
    return new DurableApp({ app, functions, invoker, hub });
  } catch (error) {
    await app.dispose();
    throw error;
  }
}

interface DurableAppParts {
  readonly app: FunctionApp;
  /** The functions of the app as they are. */
  readonly functions: FunctionInvoker;
  readonly invoker: ReplacedFunctions;
  readonly hub: TestHub;
}

/** Made by `loadDurableApp`. Tests of one file can share it: instances and entities have ids of their own. */
export class DurableApp {
  readonly #parts: DurableAppParts;

  constructor(parts: DurableAppParts) {
    this.#parts = parts;
  }

  /** The time of the app. Activities that ask `Date` get the time of the machine. */
  get now(): Date {
    return this.#parts.hub.now;
  }

  /**
   * Starts an orchestration. It begins to run, and goes on when the test awaits one of the methods of what this returns.
   * @param input any value that JSON can hold.
   * @throws {InvalidInputError} when the app has no such orchestrator.
   *
   * @example
   * const order = await app.start('Order', { amount: 12 }, {
   *   activities: { Charge: () => 'paid' },
   *   http: () => Response.json({ left: 3 }),
   * });
   * await order.raise('Approved');
   * expect(await order.output()).toBe('shipped, 3 left');
   */
  async start(
    name: string,
    input?: unknown,
    { instanceId = randomUUID().replaceAll('-', ''), ...replacements }: StartOptions = {},
  ): Promise<StartedOrchestration> {
    const { hub, invoker, functions } = this.#parts;
    requireFunction('orchestrator', name, functions.functions.orchestrators);
    invoker.prepare(instanceId, replacements);
    await hub.client.start({ name, instanceId, input: jsonOf(input) });
    return new StartedOrchestration({ instanceId, name, hub, functions: invoker });
  }

  /**
   * An orchestration that the test has not started itself: a sub-orchestration, by the id that its parent gave it.
   *
   * @example
   * const parcel = app.orchestration('parcel-7');
   */
  orchestration(instanceId: string): StartedOrchestration {
    const { hub, invoker } = this.#parts;
    return new StartedOrchestration({ instanceId, name: instanceId, hub, functions: invoker });
  }

  /**
   * An entity of the app; it comes to be with the first operation.
   *
   * @example
   * const counter = app.entity('Counter', 'clicks');
   * await counter.signal('add', 5);
   * expect(await counter.state()).toBe(5);
   */
  entity(name: string, key: string): TestedEntity {
    const { hub, functions } = this.#parts;
    requireFunction('entity', name, functions.functions.entities);
    return new TestedEntity(hub, { name, key });
  }

  /**
   * Runs an activity of the app alone, with its input converted as the host converts it.
   * @returns its result, as an orchestrator would get it. Rejects with the error that an orchestrator would get.
   *
   * @example
   * expect(await app.runActivity('Charge', { amount: 3 })).toBe('receipt for 3');
   */
  async runActivity(name: string, input?: unknown): Promise<unknown> {
    const { functions } = this.#parts;
    requireFunction('activity', name, functions.functions.activities);
    const outcome = await functions.runActivity({
      functionName: name,
      instanceId: 'unit-test',
      input: jsonOf([input]),
    });
    if (outcome.kind === 'failed') throw new Error(outcome.reason);
    return valueOf(outcome.result);
  }

  /**
   * Lets time pass for the whole app: what is due within it happens, each thing at its time.
   *
   * @example
   * await app.skip({ days: 3 });
   */
  async skip(duration: Duration): Promise<void> {
    await this.#parts.hub.skip(durationMs(duration));
  }

  /** Ends the app, so that another one can be loaded and the process can end. */
  async dispose(): Promise<void> {
    await this.#parts.hub.stop();
    await this.#parts.app.dispose();
  }
}

function folderOf(from: string | URL): string {
  return typeof from === 'string' ? path.resolve(from) : fileURLToPath(from);
}

/** What functions print; what the host says of them, a test sees by what becomes of them. */
function userLogger(write: LoadDurableAppOptions['log']): Logger {
  return {
    write(record) {
      const { category, level } = record;
      const isOfLibrary = category === 'Host.Function.Console' && level === 'debug';
      if (isOfLibrary || !/^(?:Function\..*\.User|Host\.Function\.Console)$/.test(category)) return;
      if (write) write(record);
      // eslint-disable-next-line no-console -- what test runners show beside the test that printed it
      else console.log(record.message);
    },
  };
}

/** Bindings are not served: a function runs only where it needs none, or a test stands in for it. */
function unusedBindings(functions: readonly DeclaredFunction[]): BindingExtension {
  const types = functions.flatMap(({ bindings }) => bindings.map((binding) => typeOf(binding)));
  const refused = (name: string, functionName: string): Promise<never> =>
    Promise.reject(
      new DurableError(
        'NOT_SUPPORTED',
        `The binding '${name}' of '${functionName}' leads to a service that a unit test has not. Replace the function: { activities: { ${functionName}: (input) => … } }.`,
      ),
    );
  return {
    types: [...new Set(types)],
    supports: () => undefined,
    read: (binding, fn) => refused(binding.name, fn.name),
    write: (binding, _value, fn) => refused(binding.name, fn.name),
  };
}

function typeOf(binding: unknown): string {
  const type = (binding as { readonly type?: unknown } | null)?.type;
  return typeof type === 'string' ? type.toLowerCase() : '';
}

/** @throws {DurableError} `CONFIG` */
function checkLoaded({ functions, problems }: FunctionApp, folder: string | undefined): void {
  const hasDurable = functions.some(({ trigger }) =>
    DURABLE_TRIGGERS.includes(trigger.type.toLowerCase()),
  );
  const reasons = problems.map(({ functionName, reason }) => `${functionName}: ${reason}`);
  if (hasDurable && reasons.length === 0) return;
  if (!hasDurable) {
    reasons.push(
      folder === undefined
        ? 'The code has registered no durable function. It registers once, when it is first imported: import it nowhere else in the test, and load the app once a file.'
        : `There is no durable function in ${folder}: neither by 'main' of its package.json nor in folders with function.json. If it is compiled from TypeScript, build it first, or load its sources: loadDurableApp(() => import('./src/index.ts')).`,
    );
  }
  throw new DurableError('CONFIG', `The app cannot be tested.\n${reasons.join('\n')}`);
}

function requireFunction(
  kind: 'orchestrator' | 'activity' | 'entity',
  name: string,
  names: readonly string[],
): void {
  if (names.some((known) => known.toLowerCase() === name.toLowerCase())) return;
  const known = names.length === 0 ? 'none' : [...names].sort().join(', ');
  throw new InvalidInputError(`The app has no ${kind} '${name}'. It has: ${known}.`);
}

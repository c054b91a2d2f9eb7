/**
 * The same orchestrations as an app of each SDK generation: one plain script with generators, activities and entities, and the
 * registrations around it that the generation wants. Loaded as a user's app would be, with the official SDK.
 */
import path from 'node:path';
import { type AppInvokerOptions, createAppInvoker } from '../../src/function-app/app-invoker.ts';
import type { FunctionApp } from '../../src/function-app/function-app.ts';
import { type LoadAppOptions, loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { createScratchApp, type ScratchApp } from './scratch-app.ts';

const SDKS = {
  '1.5.4': 'durable-functions-v1',
  '2.1.3': 'durable-functions-v2',
  '3.5.0': 'durable-functions',
} as const;

export type Sdk = keyof typeof SDKS;

/** An SDK as nobody knows it yet: 3.5.0, whose executor cannot be found. */
export const UNKNOWN_SDK = 'unknown' as const;

export const ALL_SDKS = Object.keys(SDKS) as readonly Sdk[];

export interface SdkApp {
  /** Script root of the app. */
  readonly folder: string;
  readonly app: FunctionApp;
  readonly invoker: FunctionInvoker;
  dispose(): Promise<void>;
}

export const TRIGGER_SETTINGS = {
  defaultHttpAsyncRequestSleepTimeMs: 30_000,
};

const APPS = path.join(import.meta.dirname, '..', 'apps');

type Kind = 'orchestrators' | 'activities' | 'entities';
type Definitions = Readonly<Partial<Record<Kind, Readonly<Record<string, unknown>>>>>;

const TRIGGERS: Readonly<Record<Kind, string>> = {
  orchestrators: 'orchestrationTrigger',
  activities: 'activityTrigger',
  entities: 'entityTrigger',
};

/** Classic functions are `(context, input)`, those of the new model `(input, context)`; scripts write `(input)`. */
const CLASSIC = `
const df = require('durable-functions');
const { orchestrators = {}, activities = {}, entities = {} } = require(SCRIPT)(df);
for (const [name, fn] of Object.entries(orchestrators)) exports[name] = df.orchestrator(fn);
for (const [name, fn] of Object.entries(activities)) exports[name] = async (context, input) => fn(input);
for (const [name, fn] of Object.entries(entities)) exports[name] = df.entity(fn);
`;

/** After each run the context of the SDK is replaced by one that does not have its executor. */
const HIDING = `
const { app } = require('@azure/functions');
const { generic } = app;
app.generic = (name, options) => generic(name, { ...options, async handler(trigger, context) {
  try { return await options.handler(trigger, context); } finally { context.df = {}; }
} });
`;

const NEW_MODEL = `
const df = require('durable-functions');
const { orchestrators = {}, activities = {}, entities = {} } = require(SCRIPT)(df);
for (const [name, fn] of Object.entries(orchestrators)) df.app.orchestration(name, fn);
for (const [name, fn] of Object.entries(activities)) df.app.activity(name, { handler: (input) => fn(input) });
for (const [name, fn] of Object.entries(entities)) df.app.entity(name, fn);
`;

/**
 * The folder of an app, with its SDK.
 * @param script a file of test/apps that exports `(df) => ({ orchestrators, activities, entities })`.
 */
export async function createSdkApp(
  sdk: Sdk | typeof UNKNOWN_SDK,
  script: string,
): Promise<ScratchApp> {
  const file = path.join(APPS, script);
  const code = (text: string): string => text.replace('SCRIPT', JSON.stringify(file));
  const isUnknown = sdk === UNKNOWN_SDK;
  const installed = isUnknown ? '3.5.0' : sdk;
  const files: Record<string, unknown> =
    installed === '3.5.0'
      ? {
          'package.json': { main: 'app.js' },
          'app.js': (isUnknown ? HIDING : '') + code(NEW_MODEL),
        }
      : {
          'package.json': {},
          'app.js': code(CLASSIC),
          ...(await functionFolders(file, installed)),
        };
  const packages = {
    'durable-functions': SDKS[installed],
    ...(isUnknown && { '@azure/functions': '@azure/functions' }),
  };
  return await createScratchApp({ files, packages });
}

/** @param script as of `createSdkApp`. */
export async function loadSdkApp(
  sdk: Sdk | typeof UNKNOWN_SDK,
  script: string,
  options: Partial<
    Pick<LoadAppOptions, 'log' | 'orchestratorCodeChecks' | 'functionTimeoutMs'> &
      Pick<AppInvokerOptions, 'tracing'>
  > = {},
): Promise<SdkApp> {
  const scratch = await createSdkApp(sdk, script);
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log: { write: () => undefined },
    bindings: [],
    resolveSetting: (text) => text,
    ...options,
  });
  const { problems } = app;
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return {
    folder: scratch.folder,
    app,
    invoker: createAppInvoker({
      app,
      settings: TRIGGER_SETTINGS,
      ...(options.log && { log: options.log }),
      ...(options.tracing && { tracing: options.tracing }),
    }),
    dispose: async () => {
      await app.dispose();
      await scratch.remove();
    },
  };
}

async function functionFolders(file: string, sdk: Sdk): Promise<Record<string, unknown>> {
  const [script, df] = (await Promise.all([import(file), import(SDKS[sdk])])) as [
    { default: (df: unknown) => Definitions },
    { default: unknown },
  ];
  const folders: Record<string, unknown> = {};
  for (const [kind, definitions] of Object.entries(script.default(df.default))) {
    for (const name of Object.keys(definitions)) {
      folders[`${name}/function.json`] = {
        scriptFile: '../app.js',
        entryPoint: name,
        bindings: [{ name: 'trigger', type: TRIGGERS[kind as Kind], direction: 'in' }],
      };
    }
  }
  return folders;
}

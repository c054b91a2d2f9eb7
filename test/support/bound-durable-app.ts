/**
 * Durable functions with further bindings, in each SDK generation, on a hub in memory. What their outputs are given is recorded, and
 * their inputs are what their expressions come to.
 */
import { onTestFinished } from 'vitest';
import { resolveBindingExpression } from '../../src/bindings/binding-expression.ts';
import { optionalText } from '../../src/base/json.ts';
import { createAppInvoker } from '../../src/function-app/app-invoker.ts';
import type { BindingExtension } from '../../src/function-app/binding-extension.ts';
import type { BindingInfo } from '../../src/function-app/function-declaration.ts';
import { toValue } from '../../src/function-app/rpc-typed-data.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import { createScratchApp } from './scratch-app.ts';
import { type Sdk, TRIGGER_SETTINGS } from './sdk-app.ts';

const PACKAGES: Readonly<Record<Sdk, string>> = {
  '1.5.4': 'durable-functions-v1',
  '2.1.3': 'durable-functions-v2',
  '3.5.0': 'durable-functions',
};

const TRIGGERS = {
  orchestrator: 'orchestrationTrigger',
  activity: 'activityTrigger',
  entity: 'entityTrigger',
} as const;

const HELPERS: Readonly<Record<'classic' | 'v4', string>> = {
  classic: `
    const dataOf = (context) => context.bindingData;
    const triggerOf = (context) => context.bindingData.trigger;
    const get = (context, name) => context.bindings[name];
    const set = (context, name, value) => { context.bindings[name] = value; };`,
  v4: `
    const dataOf = (context) => context.triggerMetadata;
    const triggerOf = (context) => context.triggerMetadata[context.options.trigger.name];
    const get = (context, name) => context.extraInputs.get(name) ?? context.extraOutputs.get(name);
    const set = (context, name, value) => { context.extraOutputs.set(name, value); };`,
};

export interface BoundFunction {
  readonly kind: keyof typeof TRIGGERS;
  /** A function of the context, and for activities of the input before it. May use `dataOf`, `triggerOf`, `get` and `set`. */
  readonly code: string;
  /** Of the type `note`, with a `text` that may hold expressions. */
  readonly bindings?: readonly {
    readonly name: string;
    readonly direction?: 'in' | 'out';
    /** @default note */
    readonly type?: string;
    readonly text?: string;
  }[];
}

export interface Note {
  readonly text: string;
  readonly value: unknown;
}

export interface BoundDurableAppOptions {
  /** Called before a value is recorded; what it throws, the output fails with. */
  readonly beforeNote?: (note: Note) => Promise<void> | void;
}

export async function boundDurableApp(
  sdk: Sdk,
  functions: Readonly<Record<string, BoundFunction>>,
  options: BoundDurableAppOptions = {},
) {
  const files = sdk === '3.5.0' ? newModelFiles(functions) : classicFiles(functions);
  const packages = {
    'durable-functions': PACKAGES[sdk],
    '@azure/functions': '@azure/functions',
  };
  const scratch = await createScratchApp({ files, packages });
  onTestFinished(() => scratch.remove());
  const notes: Note[] = [];
  const messages: string[] = [];
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log: { write: ({ message }) => messages.push(message) },
    bindings: [noteBinding(notes, options)],
    resolveSetting: (text) => text,
  });
  onTestFinished(() => app.dispose());
  return {
    problems: app.problems,
    /** In the order in which they were written. */
    notes,
    /** Of the log of the app. */
    messages,
    newInvoker: () => createAppInvoker({ app, settings: TRIGGER_SETTINGS }),
  };
}

function noteBinding(notes: Note[], { beforeNote }: BoundDurableAppOptions): BindingExtension {
  return {
    types: ['note'],
    supports: () => undefined,
    read: (binding, fn, triggerMetadata) => {
      const template = textOf(binding) ?? '';
      const string = resolveBindingExpression(template, { binding, fn, triggerMetadata });
      return Promise.resolve({ string });
    },
    async write(binding, data, fn, triggerMetadata) {
      const template = textOf(binding) ?? binding.name;
      const text = resolveBindingExpression(template, { binding, fn, triggerMetadata });
      const note = { text, value: toValue(data) };
      await beforeNote?.(note);
      notes.push(note);
    },
  };
}

function textOf(binding: BindingInfo): string | undefined {
  return optionalText(binding['text']);
}

function classicFiles(functions: Readonly<Record<string, BoundFunction>>): Record<string, unknown> {
  const wrapped = (kind: BoundFunction['kind'], code: string): string =>
    kind === 'activity'
      ? `async (context, input) => (${code})(input, context)`
      : `df.${kind}(${code})`;
  const files: Record<string, unknown> = { 'package.json': {} };
  for (const [name, { kind, code, bindings = [] }] of Object.entries(functions)) {
    files[`${name}/function.json`] = {
      bindings: [
        { name: 'trigger', type: TRIGGERS[kind], direction: 'in' },
        ...bindings.map((binding) => ({ type: 'note', direction: 'out', ...binding })),
      ],
    };
    files[`${name}/index.js`] =
      `const df = require('durable-functions'); ${HELPERS.classic}\nmodule.exports = ${wrapped(kind, code)};`;
  }
  return files;
}

function newModelFiles(
  functions: Readonly<Record<string, BoundFunction>>,
): Record<string, unknown> {
  const registered = Object.entries(functions).map(([name, { kind, code, bindings = [] }]) => {
    const register = kind === 'orchestrator' ? 'orchestration' : kind;
    const ofDirection = (isInput: boolean): string =>
      bindings
        .filter(({ direction }) => (direction === 'in') === isInput)
        .map((binding) => {
          const { direction: _direction, ...rest } = binding;
          return `${isInput ? 'input' : 'output'}.generic(${JSON.stringify({ type: 'note', ...rest })})`;
        })
        .join(', ');
    return `df.app.${register}(${JSON.stringify(name)}, {
      extraInputs: [${ofDirection(true)}],
      extraOutputs: [${ofDirection(false)}],
      handler: ${code},
    });`;
  });
  return {
    'package.json': { main: 'index.js' },
    'index.js': [
      "const df = require('durable-functions');",
      "const { input, output } = require('@azure/functions');",
      HELPERS.v4,
      ...registered,
    ].join('\n'),
  };
}

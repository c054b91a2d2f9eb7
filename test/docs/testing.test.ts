/** Every example of docs/testing.md, and of the doc comments of the test kit, does what it says. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as df from 'durable-functions';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as testing from '../../src/testing/index.ts';
import {
  commentExamplesOf,
  type DocExample,
  examplesOf,
  runExample,
} from '../support/doc-examples.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const page = examplesOf(await readFile(path.join(ROOT, 'docs/testing.md'), 'utf8'));
const app = page.find(({ file }) => file === 'src/functions/order.ts');

/** The app of the page, each time anew. */
async function runAppCode(): Promise<void> {
  if (app === undefined) throw new Error('docs/testing.md has no app');
  await runExample(app, {}, { 'durable-functions': () => df });
}

/** The functions that a page registers with its test runner. */
function runnerOf(hooks: (() => unknown)[]): object {
  const take = (...args: unknown[]): void => {
    hooks.push(args.at(-1) as () => unknown);
  };
  const last: (() => unknown)[] = [];
  return {
    expect,
    vi,
    beforeAll: take,
    test: take,
    afterAll: (hook: () => unknown) => last.push(hook),
    last,
  };
}

describe('docs/testing.md', () => {
  const [whole, ...parts] = page.filter((example) => example !== app);

  it('shows a test file that passes', async () => {
    const steps: (() => unknown)[] = [];
    const vitest = runnerOf(steps) as { readonly last: readonly (() => unknown)[] };

    await runExample(
      whole as DocExample,
      {},
      {
        vitest: () => vitest,
        'durable-functions-extension/testing': () => testing,
        '../src/functions/order.ts': runAppCode,
      },
    );
    expect(steps).toHaveLength(4);
    for (const step of [...steps, ...vitest.last]) await step();
  });

  describe('in its parts', () => {
    let loaded: testing.DurableApp;
    beforeAll(async () => {
      loaded = await testing.loadDurableApp(runAppCode);
    });
    afterAll(() => loaded.dispose());

    it.each(parts)('is right in line $line', async (example) => {
      await runExample(example, { app: loaded, expect }, {});
    });
  });
});

describe('doc comments of the test kit', async () => {
  const files = ['durable-app.ts', 'started-orchestration.ts'];
  const sources = await Promise.all(
    files.map((file) => readFile(path.join(ROOT, 'src/testing', file), 'utf8')),
  );
  const examples = sources.flatMap((source) => commentExamplesOf(source));

  let shared: testing.DurableApp;
  const disposals: (() => unknown)[] = [];
  beforeAll(async () => {
    shared = await testing.loadDurableApp(runAppCode);
  });
  afterAll(() => shared.dispose());
  afterEach(async () => {
    for (const dispose of disposals.splice(0)) await dispose();
  });

  it.each(examples)('are right in line $line: $code', async (example) => {
    const order = await shared.start('Order', { amount: 12 });
    await order.raise('Approved');

    const loads = {
      loadDurableApp: async () => {
        const own = await testing.loadDurableApp(runAppCode);
        // Not every example goes on to the end of its app.
        disposals.push(() => own.dispose());
        return own;
      },
      afterAll: (hook: () => unknown) => disposals.push(hook),
    };
    const finds = example.code.includes('const app') ? loads : { app: shared, order };
    await runExample(example, { expect, ...finds }, {});
  });
});

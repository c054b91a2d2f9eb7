/** The test kit as a package, under the other test runners: Node's own, and Jest where there is one. */
import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import util, { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LONG } from '../support/patience.ts';
import { REPOSITORY } from '../support/func-process.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const run = promisify(execFile);

/** Which the SDK 2.1 of these samples calls; Node 24 no longer has it. */
const hasIsDate = 'isDate' in util;

it.skipIf(!hasIsDate)("runs the samples' own tests with Node's test runner", LONG, async () => {
  const samples = await createScratchApp({
    copyOf: path.join(REPOSITORY, 'samples/javascript'),
    packages: { 'durable-functions-extension': '..' },
  });
  try {
    const { stdout } = await run(
      process.execPath,
      ['--test', '--test-reporter=tap', 'test/samples.test.js'],
      {
        cwd: samples.folder,
        // Else it reports to the runner that it seems to be part of.
        env: {
          ...process.env,
          NODE_TEST_CONTEXT: undefined,
          // What the SDK needs is installed beside us.
          NODE_PATH: path.join(REPOSITORY, 'node_modules'),
        },
      },
    );
    expect(stdout).toContain('# pass 6\n# fail 0');
  } finally {
    await samples.remove();
  }
});

const JEST = process.env['DURABLE_TEST_JEST'];
const hint =
  JEST === undefined ? ', which DURABLE_TEST_JEST (a folder with Jest installed) names' : '';
it.skipIf(JEST === undefined)(`runs under Jest, with its mocks${hint}`, LONG, async () => {
  const app = await createScratchApp({
    files: {
      'package.json': { main: 'order.js' },
      'prices.js': "exports.price = () => { throw new Error('not in a test'); };",
      'order.js': `
        const df = require('durable-functions');
        const { price } = require('./prices');
        df.app.orchestration('Order', function* (context) {
          const paid = yield context.df.callActivity('Price', context.df.getInput());
          const { currentUtcDateTime } = context.df;
          yield context.df.createTimer(new Date(currentUtcDateTime.getTime() + 259_200_000));
          return { paid };
        });
        df.app.activity('Price', { handler: (input) => price(input) });`,
      'order.test.js': `
        const { loadDurableApp } = require('durable-functions-extension/testing');
        jest.mock('./prices', () => ({ price: () => 42 }));
        test('with mocks of its modules', async () => {
          const app = await loadDurableApp(() => require('./order'));
          const order = await app.start('Order', { id: 1 });
          expect(await order.output()).toStrictEqual({ paid: 42 });
          expect(await order.calls()).toStrictEqual([{ name: 'Price', input: { id: 1 } }]);
          await app.dispose();
        });
        test('from its folder', async () => {
          const app = await loadDurableApp(__dirname);
          const order = await app.start('Order', 1, { activities: { Price: () => [7] } });
          expect(await order.output()).toStrictEqual({ paid: [7] });
          await app.dispose();
        });`,
    },
    packages: {
      'durable-functions': 'durable-functions',
      '@azure/functions': '@azure/functions',
      'durable-functions-extension': '..',
    },
  });
  try {
    await symlink(path.join(JEST ?? '', 'node_modules/jest'), path.join(app.folder, 'jest'));
    const { stderr } = await run(process.execPath, ['jest/bin/jest.js'], { cwd: app.folder });
    expect(stderr).toContain('2 passed, 2 total');
  } finally {
    await app.remove();
  }
});

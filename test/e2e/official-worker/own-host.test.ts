/** What loads this package into the official worker is left in an app that `func start` runs: it does nothing twice there. */
import { afterEach, describe, expect, it } from 'vitest';
import { startFunc } from '../../support/func-process.ts';
import {
  GREETINGS,
  hubSettings,
  V4_COMMONJS,
  V4_MODULE,
  WorkerApps,
} from '../../support/functions-host/worker-app.ts';
import { ended, start } from '../../support/instances.ts';
import { LONG } from '../../support/patience.ts';

const apps = new WorkerApps();
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  await apps.close();
});

const MAIN = 'node_modules/durable-functions-extension/main.js';

const WAYS: Readonly<
  Record<string, { files: Readonly<Record<string, unknown>>; env?: Record<string, string> }>
> = {
  'by register': {
    files: {
      'package.json': { main: 'index.js' },
      'index.js': `require('durable-functions-extension/register');${V4_COMMONJS}`,
    },
  },
  'by main.js': {
    files: {
      'package.json': { main: MAIN, type: 'module', durableFunctionsMain: 'index.js' },
      'index.js': V4_MODULE,
    },
  },
  'by preload': {
    files: { 'package.json': { main: 'index.js' }, 'index.js': V4_COMMONJS },
    env: { NODE_OPTIONS: '--require durable-functions-extension/preload' },
  },
};

describe('func start, with an app for the official worker', () => {
  it.each(Object.entries(WAYS))('runs one that loads it %s', LONG, async (_name, way) => {
    const app = await apps.app(way.files);
    const func = await startFunc({ cwd: app.folder, env: { ...hubSettings(), ...way.env } });
    cleanUps.push(() => func.stop());

    expect(await ended(await start(`${func.url}/api/orchestrators/Hello`))).toMatchObject({
      output: GREETINGS,
    });
    expect(func.output()).not.toContain('DurableTaskManagement');
  });
});

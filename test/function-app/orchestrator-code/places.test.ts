/** Where warnings say that a call is: in ES modules, and in orchestrators that come from a package. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppInvoker } from '../../../src/function-app/app-invoker.ts';
import type { FunctionApp } from '../../../src/function-app/function-app.ts';
import { loadFunctionApp } from '../../../src/function-app/load-function-app.ts';
import type { LogRecord } from '../../../src/telemetry/log.ts';
import { createScratchApp, type ScratchApp } from '../../support/scratch-app.ts';
import { TRIGGER_SETTINGS } from '../../support/sdk-app.ts';
import { HistoryOf } from '../history-of.ts';

const FILES = {
  'package.json': { main: 'app.mjs' },
  'app.mjs': `import * as df from 'durable-functions';
import { randomUUID } from 'node:crypto';
import { shared } from 'shared-orchestrations';
df.app.orchestration('FromModule', function* () {
  return randomUUID();
});
df.app.orchestration('FromPackage', shared);
`,
  'node_modules/shared-orchestrations/package.json': { name: 'shared-orchestrations' },
  'node_modules/shared-orchestrations/index.js': `exports.shared = function* () {
  return Date.now();
};
`,
};

let scratch: ScratchApp;
let app: FunctionApp;
const records: LogRecord[] = [];

beforeAll(async () => {
  scratch = await createScratchApp({
    files: FILES,
    packages: { 'durable-functions': 'durable-functions' },
  });
  app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log: { write: (record) => records.push(record) },
    bindings: [],
    resolveSetting: (text) => text,
    orchestratorCodeChecks: 'warn',
  });
});

afterAll(async () => {
  await app.dispose();
  await scratch.remove();
});

describe('the place of a call', () => {
  it.each([
    ['FromModule', 'crypto.randomUUID()', 'app.mjs:5'],
    ['FromPackage', 'Date.now()', 'node_modules/shared-orchestrations/index.js:2'],
  ])('of %s is relative to the app', async (functionName, api, place) => {
    const invoker = createAppInvoker({ app, settings: TRIGGER_SETTINGS });

    const { answer } = await new HistoryOf(functionName).run(invoker);

    const warning = records.find(({ fields }) => fields['functionName'] === functionName);
    expect(answer).toMatchObject({ kind: 'ran', isDone: true });
    expect(warning?.fields).toEqual(
      expect.objectContaining({ functionName, api, place, instanceId: 'inst' }),
    );
  });
});

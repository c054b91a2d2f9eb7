/** Activities of the real SDKs, run by hand through the admin API's way. */
import { describe, expect, it } from 'vitest';
import { runManually } from '../../src/triggers/manual-run.ts';
import { loadApp } from './loaded-app.ts';

const v4 = {
  'package.json': { main: 'index.js' },
  'index.js': `
    const df = require('durable-functions');
    df.app.activity('Act', { handler: (input, context) => { context.log('input ' + JSON.stringify([input, context.triggerMetadata.instanceId.length])); } });`,
};

const v3 = {
  'package.json': {},
  'Act/function.json': {
    bindings: [{ type: 'activityTrigger', direction: 'in', name: 'city' }],
  },
  'Act/index.js': `module.exports = async (context, input) => {
    context.log('input ' + JSON.stringify([context.bindings.city, context.bindingData.instanceId.length]));
  };`,
};

describe.each([
  ['3.5', v4, 'durable-functions'],
  ['2.1', v3, 'durable-functions-v2'],
])('an activity of SDK %s', (_, files, sdk) => {
  it.each([
    ['Tokyo', 'Tokyo'],
    ['"Tokyo"', 'Tokyo'],
    ['{"a":[1]}', { a: [1] }],
    ['true', true],
  ])('gets the text %s as an orchestrator would have sent it', async (input, value) => {
    const { app, log } = await loadApp(files, { 'durable-functions': sdk });
    const fn = app.functions[0];
    if (fn === undefined) throw new Error('The activity was not loaded.');

    await runManually({ app, fn, input, log });

    const line = log.messages().find((message) => message.startsWith('input ')) ?? '';
    expect(JSON.parse(line.slice('input '.length))).toEqual([value, 32]);
  });
});

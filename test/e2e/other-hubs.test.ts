/** Two hosts on two hubs: an app on the first one uses the second hub by a binding that names it, as apps with two hubs do. */
import { describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { startFunc } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const STARTER = `
const df = require('durable-functions');
module.exports = async function (context, req) {
  const client = df.getClient(context);
  const id = await client.startNew('Where', undefined, 'from elsewhere');
  await client.signalEntity(new df.EntityId('Counter', 'c'), 'add', 1);
  const status = await client.getStatus(id);
  context.res = { ...client.createCheckStatusResponse(req, id), status: 202 };
  context.res.headers['x-seen'] = status.name;
};`;

const FILES = {
  'Start/function.json': {
    bindings: [
      { type: 'httpTrigger', direction: 'in', name: 'req', authLevel: 'anonymous' },
      { type: 'http', direction: 'out', name: 'res' },
      { type: 'durableClient', direction: 'in', name: 'starter', taskHub: '%OTHER_HUB%' },
    ],
  },
  'Start/index.js': STARTER,
  'Where/function.json': {
    bindings: [{ type: 'orchestrationTrigger', direction: 'in', name: 'context' }],
  },
  'Where/index.js': `
    const df = require('durable-functions');
    module.exports = df.orchestrator(function* (context) {
      return [context.df.getInput(), process.env.HOST_NAME];
    });`,
  'Counter/function.json': {
    bindings: [{ type: 'entityTrigger', direction: 'in', name: 'context' }],
  },
  'Counter/index.js': `
    const df = require('durable-functions');
    module.exports = df.entity((context) => {
      context.df.setState((context.df.getState(() => 0)) + context.df.getInput());
    });`,
};

function environment(hubName: string, otherHub: string, hostName: string) {
  return {
    AzureWebJobsStorage: azuriteConnectionString(),
    AzureFunctionsJobHost__extensions__durableTask__hubName: hubName,
    OTHER_HUB: otherHub,
    HOST_NAME: hostName,
  };
}

describe('a binding that names another hub', () => {
  it(
    'starts, signals and asks there, and its links work on this host',
    { timeout: 90_000 },
    async () => {
      const app = await createScratchApp({
        files: FILES,
        packages: { 'durable-functions': 'durable-functions-v2' },
      });
      const [one, two] = [freshHubName('One'), freshHubName('Two')];
      const first = await startFunc({ cwd: app.folder, env: environment(one, two, 'first') });
      const second = await startFunc({ cwd: app.folder, env: environment(two, two, 'second') });
      const own = '/runtime/webhooks/durabletask/instances';

      const urls = await start(`${first.url}/api/Start`);
      const status = await ended(urls);
      const there = await fetch(`${second.url}${own}/${urls.id}`);
      const here = await fetch(`${first.url}${own}/${urls.id}`);
      const refused = await fetch(`${first.url}${own}/${urls.id}?taskHub=Third`);
      const refusal = await refused.text();
      await first.stop();
      await second.stop();
      await app.remove();

      expect(urls.statusQueryGetUri).toContain(`${first.url}${own}/${urls.id}?taskHub=${two}`);
      expect(status).toMatchObject({ name: 'Where', output: ['from elsewhere', 'second'] });
      expect([there.status, here.status, refused.status]).toEqual([200, 404, 404]);
      expect(refusal).toContain("Unknown task hub 'Third': this host serves its own hub");
      expect(first.output()).toContain("A request was refused for task hub 'Third'");
    },
  );
});

/** `func durable doctor --replay` on a hub that another app works on, too: what only that one has is not for this one to continue. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { event } from '../support/history.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';
import { ScriptedInvoker, sequence } from '../support/scripted-invoker.ts';

const APP = `
const df = require('durable-functions');
df.app.orchestration('Ours', function* (context) {
  return yield context.df.waitForExternalEvent('go');
});
`;

let app: ScratchApp;
let hubs: AzureHub[] = [];
beforeAll(async () => {
  app = await createScratchApp({
    files: { 'package.json': { name: 'our-app', main: 'app.js' }, 'app.js': APP },
    packages: { '@azure/functions': '@azure/functions', 'durable-functions': 'durable-functions' },
  });
});
afterAll(() => app.remove());
afterEach(async () => {
  for (const hub of hubs) await hub.stop();
  await hubs[0]?.backend.deleteHub();
  hubs = [];
});

/** A worker of an app whose one orchestrator waits for an event, and an instance of that. */
async function startWaiting(taskHub: string, appName: string, orchestrator: string): Promise<void> {
  const invoker = new ScriptedInvoker({
    orchestrators: { [orchestrator]: sequence([event('go')]) },
  });
  const options = { ...SHORT_LEASES, taskHub, partitionCount: 4 };
  const hub = new AzureHub(options, { invoker, appName });
  hubs.push(hub);
  await hub.start();
  await hub.client.start({ name: orchestrator, instanceId: orchestrator, input: null });
  await eventually(async () => (await hub.client.readHistory(orchestrator)).length > 0, {
    timeoutMs: 40_000,
    intervalMs: 100,
  });
}

describe('func durable doctor --replay', LONG, () => {
  it('leaves alone what another app has, and names what a version before had', async () => {
    const taskHub = freshHubName('Doctor');
    await startWaiting(taskHub, 'their-app', 'Theirs');
    await startWaiting(taskHub, 'our-app', 'Removed');

    const { stdout } = await runCommand(['durable', 'doctor', '--replay', '--json'], {
      cwd: app.folder,
      env: {
        AzureWebJobsStorage: azuriteConnectionString(),
        AzureFunctionsJobHost__extensions__durableTask__hubName: taskHub,
      },
    });

    const findings = JSON.parse(stdout) as readonly { kind: string; instanceId: string }[];
    expect(findings.map(({ kind, instanceId }) => [kind, instanceId])).toEqual([
      ['cannotContinue', 'Removed'],
    ]);
  });
});

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDurableFolder, type DurableFolder } from '../support/durable-folder.ts';
import { eventually } from '../support/eventually.ts';
import { wordsOf } from '../support/func-command.ts';
import { startFunc, REPOSITORY, type FuncProcess } from '../support/func-process.ts';
import { LONG } from '../support/patience.ts';

const DOCUMENTS = path.join(REPOSITORY, '..', 'shared', 'docs');
/** What every edition of "Manage instances in Durable Functions" prints, in this order. */
const DOCUMENTED = [
  'func durable start-new --function-name HelloWorld --input @counter-data.json --task-hub-name TestTaskHub',
  'func durable get-runtime-status --id 0ab8c55a66644d68a3a8b220b12d209c --show-input true --show-output true',
  'func durable get-history --id 0ab8c55a66644d68a3a8b220b12d209c',
  'func durable get-instances',
  'func durable get-instances --created-after 2018-03-10T13:57:31Z --created-before  2018-03-10T23:59Z --top 15',
  'func durable terminate --id 0ab8c55a66644d68a3a8b220b12d209c --reason "It was time to be done."',
  'func durable raise-event --id 0ab8c55a66644d68a3a8b220b12d209c --event-name MyEvent --event-data @eventdata.json',
  'func durable raise-event --id 1234567 --event-name MyOtherEvent --event-data 3',
  'func durable purge-history --created-before 2018-11-14T19:35:00.0000000Z --runtime-status failed',
  'func durable delete-task-hub --task-hub-name UserTest',
];
const REWIND =
  'func durable rewind --id 0ab8c55a66644d68a3a8b220b12d209c --reason "Orchestrator failed and needs to be revived."';
const DOCUMENTED_ID = '0ab8c55a66644d68a3a8b220b12d209c';

const APP = `
const df = require('durable-functions');
const { existsSync } = require('node:fs');
df.app.orchestration('Echo', function* (context) {
  return context.df.getInput();
});
df.app.orchestration('Wait', function* (context) {
  return yield context.df.waitForExternalEvent('Go');
});
df.app.orchestration('Mend', function* (context) {
  return yield context.df.callActivity('Look');
});
df.app.orchestration('Parent', function* (context) {
  const id = context.df.instanceId;
  yield context.df.callSubOrchestrator('Echo', 1, id + '-a');
  return yield context.df.callSubOrchestrator('Wait', null, id + '-b');
});
df.app.activity('Look', {
  handler: () => {
    if (!existsSync('mended')) throw new Error('not yet mended');
    return 'mended';
  },
});
`;

interface Instance {
  readonly runtimeStatus: string;
  readonly output: unknown;
}

let folder: DurableFolder;
let host: FuncProcess;

beforeAll(async () => {
  folder = await createDurableFolder({
    files: {
      'package.json': { name: 'cli-app', main: 'app.js' },
      'app.js': APP,
      'counter-data.json': '{"counter": 3}',
      'eventdata.json': '{"value": true}',
    },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
  host = await startFunc({ cwd: folder.folder, env: { AzureWebJobsStorage: undefined } });
});

afterAll(async () => {
  await host.stop();
  await folder.func('delete-task-hub');
  await folder.func('delete-task-hub', '--task-hub-name', 'TestTaskHub');
  await folder.remove();
});

async function start(name: string, id: string, ...args: string[]): Promise<void> {
  await folder.json('start-new', '--function-name', name, '--id', id, ...args);
}

/** Resolves once the instance has the status. */
function statusOf(id: string, status: string): Promise<Instance> {
  return eventually(
    async () => {
      const url = `${host.url}/runtime/webhooks/durabletask/instances/${id}`;
      const instance = (await (await fetch(url)).json()) as Instance;
      return instance.runtimeStatus === status ? instance : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 100 },
  );
}

describe.concurrent('func durable with a running host', () => {
  it('starts what the host runs: inline input is a string', async () => {
    await start('Echo', 'echo', '--input', '{"a":1}');
    const { output } = await statusOf('echo', 'Completed');
    const { stdout } = await folder.func('get-runtime-status', '--id', 'echo', '--show-output');

    expect(output).toBe('{"a":1}');
    expect(JSON.parse(stdout)).toMatchObject({
      OrchestrationStatus: 1,
      Output: JSON.stringify('{"a":1}'),
    });
  });

  it('starts and waits for the end with --wait, and says how it ended', async () => {
    const run = ['start-new', '--function-name', 'Echo', '--input', '5', '--wait', '60'];
    const { code, stdout } = await folder.func(...run, '--id', 'awaited');
    const asJson = await folder.json(...run);
    const failing = await folder.func('start-new', '--function-name', 'Missing', '--wait', '60');

    expect([code, stdout.split('\n')[1]]).toEqual([
      0,
      `Instance 'awaited' is Completed. Output: "5"`,
    ]);
    expect(asJson).toMatchObject({ name: 'Echo', runtimeStatus: 'Completed', output: '5' });
    expect([failing.code, failing.stdout]).toEqual([
      1,
      expect.stringMatching(/\nInstance '\w+' is Failed\. Output: /),
    ]);
  });

  it('prints the history, types by name and statuses by number', async () => {
    await start('Echo', 'recorded', '--input', '5');
    await statusOf('recorded', 'Completed');
    const { stdout } = await folder.func('get-history', '--id', 'recorded');
    const history = JSON.parse(stdout) as { EventType: string }[];

    expect(history.map(({ EventType }) => EventType)).toEqual([
      'OrchestratorStarted',
      'ExecutionStarted',
      'ExecutionCompleted',
      'OrchestratorCompleted',
    ]);
    expect(history[2]).toMatchObject({ OrchestrationStatus: 1, Result: '"5"', EventId: 0 });
    expect(Object.keys(history[2] ?? {}).slice(-3)).toEqual(['EventId', 'IsPlayed', 'Timestamp']);
    expect(stdout).toMatch(/^\[\n {2}\{\n {4}"EventType": "OrchestratorStarted",\n/);
  });

  it('raises an event with data', async () => {
    await start('Wait', 'waiting');
    await statusOf('waiting', 'Running');
    const raise = ['raise-event', '--id', 'waiting', '--event-name', 'Go', '--event-data'];
    const { stdout, stderr } = await folder.func(...raise, '@eventdata.json');

    expect([stdout, stderr]).toEqual(["Raised event 'Go' to instance 'waiting'.\n", '']);
    expect((await statusOf('waiting', 'Completed')).output).toEqual({ value: true });
  });

  it('terminates, and waits until it is done', async () => {
    await start('Wait', 'endless');
    const { code, stdout } = await folder.func(
      'terminate',
      '--id',
      'endless',
      '--reason',
      'enough',
    );

    expect(code).toBe(0);
    expect(stdout).toMatch(/^Sent a termination message to instance 'endless'\. Waiting up to 30 /);
    expect(stdout).toMatch(/\nSuccessfully terminated 'endless'\n$/);
    expect((await statusOf('endless', 'Terminated')).output).toBe('enough');
  });

  it('does not terminate what has completed', async () => {
    await start('Echo', 'over');
    await statusOf('over', 'Completed');
    const { code, stderr } = await folder.func('terminate', '--id', 'over');

    expect(code).toBe(1);
    expect(stderr).toMatch(/^Instance did not terminate within the given timeout\.\n.*Completed/);
  });

  it('rewinds what failed, and tells the status before and after', async () => {
    await start('Mend', 'broken');
    await statusOf('broken', 'Failed');
    writeFileSync(path.join(folder.folder, 'mended'), '');
    const { code, stdout } = await folder.func('rewind', '--id', 'broken', '--reason', 'mended');

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Rewind message sent to instance 'broken'\. Retrieving new status now\.\.\.\nStatus before rewind: Failed\nStatus after rewind: (Running|Completed|Pending)\n$/,
    );
    expect((await statusOf('broken', 'Completed')).output).toBe('mended');
  });

  it('suspends and resumes', async () => {
    await start('Wait', 'paused');
    await statusOf('paused', 'Running');
    expect((await folder.func('suspend', '--id', 'paused')).code).toBe(0);
    await statusOf('paused', 'Suspended');
    expect((await folder.func('resume', '--id', 'paused', '--reason', 'go')).code).toBe(0);
    await statusOf('paused', 'Running');
  });

  it('restarts under a new id, or the old one', async () => {
    await start('Echo', 'again', '--input', 'once');
    await statusOf('again', 'Completed');
    const copy = (await folder.json('restart', '--id', 'again')) as { instanceId: string };
    const same = ['restart', '--id', 'again', '--restart-with-new-instance-id', 'false'];

    expect(copy.instanceId).toMatch(/^[0-9a-f]{32}$/);
    expect((await statusOf(copy.instanceId, 'Completed')).output).toBe('once');
    expect(await folder.json(...same)).toEqual({ instanceId: 'again' });
  });

  it('shows a family, and terminates it with its children', async () => {
    await start('Parent', 'family');
    await statusOf('family-b', 'Running');
    const { stdout } = await folder.func('tree', '--id', 'family');
    const ended = await folder.json('terminate', '--id', 'family', '--recursive');

    expect(stdout).toBe(
      'Parent family Running\n├─ Echo family-a Completed\n└─ Wait family-b Running\n',
    );
    expect(ended).toEqual({
      instances: [
        { instanceId: 'family', status: 'Terminated' },
        { instanceId: 'family-a', status: 'Completed' },
        { instanceId: 'family-b', status: 'Terminated' },
      ],
      isSettled: true,
    });
  });

  it('terminates what is left below an instance that has ended', async () => {
    await start('Parent', 'orphans');
    await statusOf('orphans-b', 'Running');
    await folder.func('terminate', '--id', 'orphans');

    const { code, stdout } = await folder.func('terminate', '--id', 'orphans', '--recursive');

    expect(code).toBe(0);
    expect(stdout).toBe('Terminated orphans\nCompleted  orphans-a\nTerminated orphans-b\n');
  });

  it('runs every command of the documentation as it is printed', LONG, async () => {
    await start('Wait', DOCUMENTED_ID);
    await statusOf(DOCUMENTED_ID, 'Running');
    for (const line of DOCUMENTED) {
      const { code, stderr } = await folder.func(...wordsOf(line).slice(2));
      expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, '']);
    }
    await statusOf(DOCUMENTED_ID, 'Terminated');
    const { code, stderr } = await folder.func(...wordsOf(REWIND).slice(2));
    expect(code).toBe(1);
    expect(stderr).toContain("Must have a status of 'Failed'");
  });
});

describe('the documentation', () => {
  it('has no other commands, in any edition', () => {
    if (!existsSync(DOCUMENTS)) {
      process.stderr.write(`skipped: no editions of the documentation in ${DOCUMENTS}\n`);
      return;
    }
    const editions = readdirSync(DOCUMENTS).map((name) =>
      readFileSync(path.join(DOCUMENTS, name), 'utf8').match(/^func durable .*$/gm),
    );
    const known = new Set([...DOCUMENTED, REWIND]);
    const lines = editions.flatMap((found) => found ?? []).map((line) => line.trimEnd());

    expect(lines.filter((line) => !known.has(line))).toEqual([]);
  });
});

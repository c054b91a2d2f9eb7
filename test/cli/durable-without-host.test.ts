import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { createDurableFolder, type DurableFolder } from '../support/durable-folder.ts';

let folder: DurableFolder;

beforeAll(async () => {
  folder = await createDurableFolder({
    files: { 'counter.json': '{ "big": 12345678901234567890,\n "text": "a b" }', 'bad.json': '{' },
  });
  await folder.func('start-new', '--function-name', 'Hello', '--id', 'first', '--input', '3');
});

afterAll(async () => {
  await folder.func('delete-task-hub');
  await folder.remove();
});

describe.concurrent('func durable with the host stopped', () => {
  it('starts an instance and says so in the words of Core Tools', async () => {
    const { code, stdout, stderr } = await folder.func('start-new', '--function-name', 'Hello');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Started 'Hello' at \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d\. Instance ID: '[0-9a-f]{32}'\.\n$/,
    );
  });

  it('says that an instance did not end while --wait waited for it', async () => {
    const start = ['start-new', '--function-name', 'Hello', '--wait', '1'];
    const { code, stdout, stderr } = await folder.func(...start, '--id', 'unrun');

    expect([code, stdout]).toEqual([1, expect.stringMatching(/^Started 'Hello' at .*\n$/)]);
    expect(stderr).toBe(
      "Instance 'unrun' did not end within 1 seconds.\nIt is in the hub: it goes on while a host runs.\n",
    );
  });

  it('prints all of a long text, however slow its reader is', async () => {
    const input = 'x'.repeat(4_000_000);
    await writeFile(path.join(folder.folder, 'long.json'), JSON.stringify(input));
    await folder.func(
      'start-new',
      '--function-name',
      'Hello',
      '--id',
      'L',
      '--input',
      '@long.json',
    );

    const { stdout } = await folder.func('get-runtime-status', '--id', 'L', '--show-input');

    expect((JSON.parse(stdout) as { Input: string }).Input).toHaveLength(input.length + 2);
  });

  it('shows an instance that waits for its host, with inline input as a string', async () => {
    const { code, stdout } = await folder.func(
      ...['get-runtime-status', '--id', 'first', '--show-input', 'true'],
    );

    expect(code).toBe(0);
    expect(Object.entries(JSON.parse(stdout) as object)).toEqual([
      ['CompletedTime', '0001-01-01T00:00:00'],
      ['CompressedSize', 0],
      ['CreatedTime', expect.stringMatching(/Z$/)],
      ['Input', '"3"'],
      ['LastUpdatedTime', expect.stringMatching(/Z$/)],
      ['Name', 'Hello'],
      ['OrchestrationInstance', { InstanceId: 'first', ExecutionId: expect.any(String) as string }],
      ['OrchestrationStatus', 6],
      ['Output', null],
      ['ParentInstance', null],
      ['Size', 0],
      ['Status', null],
      ['Tags', null],
      ['Version', ''],
    ]);
  });

  it('leaves out the input unless it is asked for', async () => {
    const { stdout } = await folder.func('get-runtime-status', '-id', 'first');

    expect(stdout).toContain('\n  "Input": null,\n');
  });

  it('passes the JSON of a file on without touching its numbers', async () => {
    const start = ['start-new', '--function-name', 'Hello', '--id', 'filed'];
    await folder.func(...start, '--input', '@counter.json');
    const { stdout } = await folder.func('get-runtime-status', '--id', 'filed', '--show-input');

    expect((JSON.parse(stdout) as { Input: unknown }).Input).toBe(
      '{"big":12345678901234567890,"text":"a b"}',
    );
  });

  it.each([
    ['@no-such.json', "Could not find input file at 'no-such.json'"],
    [
      '@bad.json',
      'Could not deserialize the input to the orchestration instance into a valid JSON object.',
    ],
  ])('refuses the input %s', async (input, reason) => {
    const start = ['start-new', '--function-name', 'Hello', '--id', 'refused'];
    const { code, stdout, stderr } = await folder.func(...start, '--input', input);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('does not replace an instance that is not finished', async () => {
    const { code, stderr } = await folder.func(
      'start-new',
      '--function-name',
      'X',
      '--id',
      'first',
    );

    expect(code).toBe(1);
    expect(stderr).toMatch(/^Could not start new instance 'first'\. .*Pending/);
  });

  it('says that there is no such instance, and fails', async () => {
    const status = await folder.func('get-runtime-status', '--id', 'nobody');
    const history = await folder.func('get-history', '--id', 'nobody', '--show-input', 'true');
    const terminated = await folder.func('terminate', '--id', 'nobody');

    expect([status.code, status.stdout]).toEqual([
      1,
      "Could not find an orchestration instance with id 'nobody'\n",
    ]);
    expect([history.code, history.stdout]).toEqual([0, '[]\n']);
    expect([terminated.code, terminated.stdout]).toEqual([
      1,
      "Failed to find instance 'nobody'. No instance was terminated.\n",
    ]);
  });

  it('raises an event for nobody, and says that nobody is there', async () => {
    const { code, stdout, stderr } = await folder.func('raise-event', '--id', 'nobody');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^Raised event 'Event_[0-9a-f]{32}' to instance 'nobody'\.\n$/);
    expect(stderr).toContain("No instance with ID 'nobody' found");
  });

  it('gives up a termination that no host carries out', async () => {
    await folder.func('start-new', '--function-name', 'Hello', '--id', 'stays');
    const { code, stdout, stderr } = await folder.func('terminate', '--id', 'stays', '--wait', '0');

    expect(code).toBe(1);
    expect(stdout).toMatch(/^Sent a termination message to instance 'stays'\. Waiting up to 0 /);
    expect(stderr).toMatch(/^Instance did not terminate within the given timeout\.\n/);
  });

  it('refuses to rewind what has not failed', async () => {
    const { code, stdout, stderr } = await folder.func('rewind', '--id', 'first');

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^Orchestration instance not rewound\. Must have a status of 'Failed', /,
    );
  });
});

describe.concurrent('func durable without a hub', () => {
  it('answers as for an empty hub, says that there is none, and creates nothing', async () => {
    const hub = new AzureHub({ account: azuriteConnectionString(), taskHub: 'CliNoHub' });
    const { code, stdout, stderr } = await folder.func(
      'get-instances',
      '--task-hub-name',
      'CliNoHub',
    );

    expect(code).toBe(0);
    expect(stdout).toBe("[]\nContinuation token for next set of results: ''\n");
    expect(stderr).toMatch(/^The task hub 'CliNoHub' does not exist in storage account devstore/);
    await expect(hub.client.findStatus('x', { input: false })).rejects.toThrow('TableNotFound');
  });

  it('fails where there is nothing to say', async () => {
    const { code, stderr } = await folder.func('tree', '--id', 'x', '--task-hub-name', 'CliNoHub');

    expect(code).toBe(1);
    expect(stderr).toContain("The task hub 'CliNoHub' does not exist");
  });

  it('deletes a hub that is not there', async () => {
    const { code, stdout } = await folder.func('delete-task-hub', '--task-hub-name', 'CliNoHub');

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "Task hub 'CliNoHub' successfully deleted.\n",
    });
  });
});

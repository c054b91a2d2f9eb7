import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InstanceRecord, RuntimeStatus } from '../../src/core/instance-status.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { funcWith } from '../support/func-command.ts';
import { createDurableFolder, type DurableFolder } from '../support/durable-folder.ts';

/** A hub with instances of every age and status, written past the engine. */
let folder: DurableFolder;

/** The environment of a test run may name another account. */
const CONNECTION = ['--connection-string-setting', 'CliStorage'];
const STATUSES: readonly RuntimeStatus[] = ['Completed', 'Failed', 'Running', 'Terminated'];

beforeAll(async () => {
  folder = await createDurableFolder();
  await fill(
    folder.hubName,
    Array.from({ length: 12 }, (_, index) => index),
  );
});

afterAll(async () => {
  await folder.func('delete-task-hub');
  await folder.remove();
});

async function fill(taskHub: string, indexes: readonly number[]): Promise<void> {
  const hub = new AzureHub({
    account: azuriteConnectionString(),
    taskHub,
    partitionCount: 4,
  });
  await hub.backend.createHub();
  for (const index of indexes) {
    const instanceId = await hub.client.start({ name: 'Old', instanceId: `i${index}`, input: '1' });
    const createdTime = `2018-0${(index % 6) + 1}-10T13:57:31.0000000Z`;
    await hub.backend.repairInstance({
      instanceId,
      instance: {
        executionId: 'e',
        lastUpdatedTime: createdTime,
        customStatus: '"half"',
        runtimeStatus: STATUSES[index % 4] ?? 'Running',
        output: '[1]',
        createdTime,
      },
    });
  }
}

async function listed(...args: string[]): Promise<readonly InstanceRecord[]> {
  const { instances } = (await folder.json('get-instances', ...args)) as {
    instances: readonly InstanceRecord[];
  };
  return instances;
}

describe('func durable get-instances', { concurrent: true }, () => {
  it('prints ten states and the token for more', async () => {
    const { code, stdout } = await folder.func('get-instances');
    const [json = '', token = ''] = stdout.split(/(?<=\n\])\n/);
    const states = JSON.parse(json) as { Input: string; Output: string; Status: string }[];

    expect(code).toBe(0);
    expect(states).toHaveLength(10);
    expect(states[0]).toMatchObject({ Input: '1', Output: '[1]', Status: '"half"' });
    expect(token).toMatch(/^Continuation token for next set of results: '[^']+'\n$/);
  });

  it('goes on with the token', async () => {
    const first = (await folder.json('get-instances')) as { continuationToken: string };
    const { stdout } = await folder.func(
      ...['get-instances', '--continuation-token', first.continuationToken],
    );

    expect(stdout.match(/"InstanceId"/g)).toHaveLength(2);
    expect(stdout).toMatch(/Continuation token for next set of results: ''\n$/);
  });

  it.each([
    ['"failed"', ['--runtime-status', 'failed']],
    ['a quoted list', ['--runtime-status', 'Failed terminated']],
    ['several words', ['--runtime-status', 'failed', 'terminated', '--top', '20']],
    ['commas', ['--runtime-status=failed,terminated']],
  ])('selects by status, given as %s', async (_how, args) => {
    const found = await listed(...args);
    const wanted = args.join(' ').toLowerCase().includes('terminated') ? 6 : 3;

    expect(found).toHaveLength(wanted);
    expect(found.every(({ runtimeStatus }) => /Failed|Terminated/.test(runtimeStatus))).toBe(true);
  });

  it('selects by the time of creation', async () => {
    const found = await listed(
      ...['--created-after', '2018-02-01', '--created-before', '2018-03-10T23:59Z', '--top', '15'],
    );

    expect(found.map(({ instanceId }) => instanceId).sort()).toEqual(['i1', 'i2', 'i7', 'i8']);
  });

  it('selects by name and by the beginning of ids', async () => {
    expect(await listed('--name', 'Older')).toEqual([]);
    const found = await listed('--name', 'Old', '--prefix', 'i1');

    expect(found.map(({ instanceId }) => instanceId).sort()).toEqual(['i1', 'i10', 'i11']);
  });

  it('is a table on a terminal', async () => {
    const here = ['--script-root', folder.folder, '--prefix', 'i1'];
    const { code, out } = await funcWith('', 'durable', 'get-instances', ...here, ...CONNECTION);
    const [head, ...rows] = out.split('\n');

    expect(code).toBe(0);
    expect(head).toMatch(/^INSTANCE +NAME +STATUS +CREATED \(UTC\) +TOOK$/);
    expect(rows).toHaveLength(3);
    expect(rows).toContain('i1        Old   Failed      2018-02-10 13:57:31  0.00 s');
  });

  it('draws nothing anew where nobody looks', async () => {
    const { code, stderr } = await folder.func('get-instances', '--watch');

    expect(code).toBe(1);
    expect(stderr).toContain('--watch draws on a terminal');
  });

  it('shows payloads as values in its own JSON', async () => {
    const [first] = await listed('--top', '1');

    expect(first).toMatchObject({ name: 'Old', input: 1, output: [1], customStatus: 'half' });
  });
});

describe('func durable purge-history', () => {
  it('never deletes what is not finished', async () => {
    const { code, stderr } = await folder.func('purge-history', '--runtime-status', 'running');

    expect(code).toBe(1);
    expect(stderr).toContain('Instances that are Running are not finished');
  });

  it('deletes what matches, and counts it', async () => {
    const { code, stdout, stderr } = await folder.func(
      ...['purge-history', '--created-before', '2018-03-14T19:35:00.0000000Z'],
      ...['--runtime-status', 'failed completed'],
    );

    expect(code).toBe(0);
    expect(stdout).toBe(
      "Purged orchestration history for all instances created between '01/01/0001 00:00:00' and '03/14/2018 19:35:00'" +
        ' and whose runtime status matched one of the following: [Failed,Completed]\nInstances deleted: 3\nRows deleted: 0\n',
    );
    expect(stderr).toContain(`Purging task hub '${folder.hubName}' in storage account devstore`);
  });

  it('deletes one instance by its id', async () => {
    const { stdout } = await folder.func('purge-history', '--id', 'i3');

    expect(stdout).toBe("Purged orchestration history for instance 'i3'\nInstances deleted: 1\n");
  });

  it('leaves alone what runs when it is told nothing', async () => {
    const { stdout } = await folder.func('purge-history');
    const left = await listed('--top', '20');

    expect(stdout).toContain("between '01/01/0001 00:00:00' and '12/30/9999 23:59:59'\n");
    expect(new Set(left.map(({ runtimeStatus }) => runtimeStatus))).toEqual(new Set(['Running']));
  });
});

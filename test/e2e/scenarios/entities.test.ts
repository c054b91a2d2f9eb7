/** Scenarios P and C-17 to C-19: entities, as orchestrations, HTTP, the SDK's client and other tools on the hub see them. */
import { expect, it } from 'vitest';
import { itInAzureStorage } from '../../support/azure-storage-only.ts';
import { describeProbe, freshId, type Probe } from '../../support/probe.ts';
import {
  calls,
  read,
  reads,
  readsNothing,
  signal,
  type Call,
} from '../../support/probe-entities.ts';

describeProbe('entities', (probe) => {
  it('P-01 are there once they were signalled', async () => {
    const key = freshId();
    const before = await probe.http('GET', `entities/E_Counter/${key}`);

    for (let n = 0; n < 3; n++) await signal(probe, `E_Counter/${key}?op=add`, 1);

    expect([before.status, await before.text()]).toEqual([404, '']);
    await reads(probe, `E_Counter/${key}`, 3);
  });

  it('P-01 are signalled and read by the SDK', async () => {
    const entity = { name: 'E_Counter', key: freshId() };
    const before = await probe.client('readEntity', entity);

    expect(await probe.client('signalEntity', { ...entity, op: 'add', input: 4 })).toEqual({});

    expect(before.ok).toMatchObject({ entityExists: false });
    await reads(probe, `E_Counter/${entity.key}`, 4);
    expect((await probe.client('readEntity', entity)).ok).toEqual({
      entityExists: true,
      entityState: 4,
    });
  });

  it('P-02 take JSON, text, or nothing, with or without an operation', async () => {
    const target = `E_Notes/${freshId()}`;
    const send = async (query: string, body: string, type: string): Promise<number> =>
      (await probe.raw('POST', `entities/${target}${query}`, body, { 'Content-Type': type }))
        .status;
    await signal(probe, `${target}?op=none`);
    await reads(probe, target, [['none', null]]);

    const answers = [
      await send('?op=json', '{"a":[1,null]}', 'application/json; charset=utf-8'),
      await send('?op=text', '{"a":1}', 'text/plain'),
      await send('', '0', 'application/json'),
      await send('?op=bad', '{bad', 'application/json'),
    ];

    expect(answers).toEqual([202, 202, 202, 400]);
    await reads(probe, target, [
      ['none', null],
      ['json', { a: [1, null] }],
      ['text', '{"a":1}'],
      ['', 0],
    ]);
  });

  it('P-03 are told to delete themselves', async () => {
    const target = `E_Counter/${freshId()}`;
    await signal(probe, `${target}?op=add`, 1);
    await reads(probe, target, 1);

    const answer = await probe.http('DELETE', `entities/${target}`);

    expect(answer.status).toBe(202);
    await readsNothing(probe, target);
  });

  it('P-04 may have the empty key', async () => {
    await signal(probe, 'E_Notes?op=x', 1);

    await reads(probe, 'E_Notes/$', [['x', 1]]);
    expect((await read(probe, 'E_Notes/nobody')).status).toBe(404);
  });

  it('P-05 are named in any case, and keyed in one', async () => {
    const key = freshId('Key');
    await signal(probe, `e_COUNTER/${key}?op=add`, 2);
    await signal(probe, `E_counter/${key}?op=add`, 3);

    await reads(probe, `E_Counter/${key}`, 5);
    expect((await read(probe, `E_Counter/${key.toLowerCase()}`)).status).toBe(404);
  });

  it.each(['a%5Cb', 'a%23b', 'a%3Fb', 'a%0Ab', 'too-long'])(
    'P-06 P-27 refuse the key %s',
    async (name) => {
      const key = name === 'too-long' ? 'k'.repeat(600) : name;
      const answer = await probe.http('POST', `entities/E_Counter/${key}?op=add`, 1);

      expect(answer.status).toBe(400);
      expect(await answer.json()).toHaveProperty('Message');
    },
  );

  it('P-06 takes a slash in a key for the end of the key', async () => {
    expect((await probe.http('POST', 'entities/E_Counter/a%2Fb?op=add', 1)).status).toBe(404);
  });

  it('P-10 refuse a signal to what the app does not have', async () => {
    const answer = await probe.http('POST', 'entities/Nobody/k?op=add', 1);

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("The function 'Nobody' doesn't exist, is disabled");
  });

  it('P-27 take keys of any other letters', async () => {
    const key = freshId("Größe 50 % ✓ 'x' & @y");
    await signal(probe, `E_Counter/${encodeURIComponent(key)}?op=add`, 7);

    await reads(probe, `E_Counter/${encodeURIComponent(key)}`, 7);
    expect(await calls(probe, ['E_Counter', key, 'get'])).toEqual([7]);
  });

  it('P-07 answer a call, take a signal, and do both in order', async () => {
    const key = freshId();
    const signalled = await probe.run('P_Signal', { name: 'E_Counter', key, op: 'set', arg: 40 });
    await reads(probe, `E_Counter/${key}`, 40);

    const called = await calls(
      probe,
      ['E_Counter', key, 'add', 2],
      ['E_Counter', key, 'set', 7],
      ['E_Counter', key, 'get'],
    );

    expect(signalled).toMatchObject({ runtimeStatus: 'Completed', output: null });
    expect(called).toEqual([42, null, 7]);
  });

  it('P-08 are missing until they are set, and again once they are deleted', async () => {
    const key = freshId();
    const missing = 'error: there is no record';

    expect(
      await calls(
        probe,
        ['E_Record', key, 'get'],
        ['E_Record', key, 'set', 1],
        ['E_Record', key, 'get'],
        ['E_Record', key, 'delete'],
        ['E_Record', key, 'get'],
      ),
    ).toEqual([missing, null, 1, null, missing]);
    expect((await read(probe, `E_Record/${key}`)).status).toBe(404);
  });

  it('P-11 fail the orchestration that calls what throws, and go on', async () => {
    const key = freshId();

    const failed = await probe.run('P_Entity', { name: 'E_Counter', key, op: 'boom' });

    expect(failed.runtimeStatus).toBe('Failed');
    expect(failed.output).toContain("Orchestrator function 'P_Entity' failed");
    expect(await calls(probe, ['E_Counter', key, 'reset'], ['E_Counter', key, 'add', 2])).toEqual([
      null,
      2,
    ]);
  });

  it('P-09 apply each of a hundred signals once', async () => {
    const target = `E_Counter/${freshId()}`;

    await Promise.all(Array.from({ length: 100 }, () => signal(probe, `${target}?op=add`, 1)));

    await reads(probe, target, 100);
  });

  it('P-13 signal other entities', async () => {
    const key = freshId();
    await signal(probe, `E_Relay/${key}?op=pass`, 1);

    await reads(probe, `E_Counter/${key}`, 1);
  });

  it('P-15 keep a state of 100 000 letters beside the row', async () => {
    const target = `E_Notes/${freshId()}`;
    const text = 'ü'.repeat(100_000);
    await signal(probe, `${target}?op=long`, text);

    await reads(probe, target, [['long', text]]);
    const { payloads } = await probe.stored(`@e_notes@${target.slice('E_Notes/'.length)}`);
    expect(payloads).not.toBe(0);
  });

  itInAzureStorage('P-22 have a row of their own that other tools can read', async () => {
    const key = freshId();
    await signal(probe, `E_Counter/${key}?op=add`, 3);
    await reads(probe, `E_Counter/${key}`, 3);

    const [row, ...others] = await probe.instanceRows(`@e_counter@${key}`);

    expect(others).toEqual([]);
    expect(row).toMatchObject({ rowKey: '', Name: `@e_counter@${key}`, TaskHubName: probe.hub });
    expect(row?.['RuntimeStatus']).toMatch(/^(Running|ContinuedAsNew|Pending)$/);
    expect(JSON.parse(String(row?.['Input']))).toMatchObject({ exists: true, state: '3' });
    expect(JSON.parse(String(row?.['CustomStatus']))).toMatchObject({ entityExists: true });
  });

  it('P-23 are purged over HTTP and by the SDK, and begin anew', async () => {
    const keys = [freshId(), freshId()] as const;
    for (const key of keys) await signal(probe, `E_Counter/${key}?op=add`, 3);
    for (const key of keys) await reads(probe, `E_Counter/${key}`, 3);

    const answer = await probe.purge(`@e_counter@${keys[0]}`);
    const told = await probe.client('purge', { id: `@e_counter@${keys[1]}` });

    expect(await answer.json()).toEqual({ instancesDeleted: 1 });
    expect(told.ok).toEqual({ instancesDeleted: 1 });
    for (const key of keys) {
      expect(await probe.stored(`@e_counter@${key}`)).toEqual({
        instances: 0,
        history: 0,
        payloads: 0,
      });
      expect((await read(probe, `E_Counter/${key}`)).status).toBe(404);
      expect(await calls(probe, ['E_Counter', key, 'add', 1])).toEqual([1]);
    }
  });

  it('P-30 take and give values that are false', async () => {
    const key = freshId();
    // SDK 2.1 puts what is text into quotes once more.
    const values = [0, false, null, [], ...(probe.edition === 'probe-v4' ? [''] : [])];

    const results = await calls(
      probe,
      ...values.map((value): Call => ['E_Notes', key, 'echo', value]),
    );

    expect(results).toEqual(values);
    await reads(
      probe,
      `E_Notes/${key}`,
      values.map((value) => ['echo', value]),
    );
  });

  it('C-17 C-18 C-19 are listed in pages of one and of two, without those deleted', async () => {
    const keys = ['a', 'b', 'c', 'gone'].map((key) => freshId(key));
    for (const key of keys) await calls(probe, ['E_Record', key, 'set', 1]);
    await calls(probe, ['E_Record', String(keys[3]), 'delete']);

    const [ones, twos] = [await listed(probe, 'E_Record', 1), await listed(probe, 'E_Record', 2)];

    const mine = ones.filter(({ entityId }) => keys.includes(entityId.key));
    expect(mine.map(({ entityId }) => entityId.key).sort()).toEqual(keys.slice(0, 3).sort());
    expect(mine.map(({ state }) => state)).toEqual([{ value: 1 }, { value: 1 }, { value: 1 }]);
    expect(ones).toEqual(twos);
    const future = `lastOperationTimeFrom=${new Date(Date.now() + 60_000).toISOString()}`;
    expect(await (await probe.http('GET', `entities/E_Record?${future}`)).json()).toEqual([]);
  });
});

interface ListedEntity {
  readonly entityId: { readonly name: string; readonly key: string };
  readonly lastOperationTime: string;
  readonly state: { readonly value: number } | null;
}

/** All entities of a name, by way of pages of this size. */
async function listed(probe: Probe, name: string, top: number): Promise<ListedEntity[]> {
  const found: ListedEntity[] = [];
  let token = '';
  do {
    const target = `entities/${name}?fetchState=true&top=${top}`;
    const headers = token === '' ? {} : { 'x-ms-continuation-token': token };
    const answer = await probe.raw('GET', target, undefined, headers);
    const page = (await answer.json()) as ListedEntity[];
    expect(page.length).toBeLessThanOrEqual(top);
    found.push(...page);
    token = answer.headers.get('x-ms-continuation-token') ?? '';
  } while (token !== '');
  return found;
}

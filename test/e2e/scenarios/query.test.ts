/** Scenarios C: many instances at once, filtered and by the page. */
import { expect, it } from 'vitest';
import { describeOwnProbe, freshId, type Probe, type ProbeStatus } from '../../support/probe.ts';
import { LONG } from '../../support/patience.ts';

describeOwnProbe('query of an empty hub', (probe) => {
  it('C-02 answers an empty list without a token', async () => {
    const response = await probe.http('GET', 'instances');

    expect(await response.json()).toEqual([]);
    expect(response.headers.get('x-ms-continuation-token') ?? '').toBe('');
  });

  it('I-08 finds nothing to purge', async () => {
    const from = 'createdTimeFrom=2020-01-01T00:00:00Z';

    expect((await probe.http('DELETE', `instances?${from}`)).status).toBe(404);
    expect(await probe.client('purgeBy', { from: '2020-01-01T00:00:00Z' })).toEqual({
      ok: { instancesDeleted: 0 },
    });
  });
});

describeOwnProbe('query', (probe) => {
  it('C-01 C-03 C-16 lists all, or those in a status', async () => {
    const ids = await population(probe);

    const of = async (query: string): Promise<string[]> =>
      (await probe.list(`instanceIdPrefix=${ids.prefix}&${query}`)).map(idOf).sort();

    expect(await of('')).toEqual([...ids.completed, ids.failed, ids.running].sort());
    expect(await of('runtimeStatus=Running')).toEqual([ids.running]);
    expect(await of('runtimeStatus=Running,Failed')).toEqual([ids.failed, ids.running].sort());
    expect(await of('runtimeStatus=Running&runtimeStatus=Failed')).toHaveLength(2);
    expect(await of('runtimeStatus=completed')).toHaveLength(3);
    expect(await of('runtimeStatus=Nonsense')).toHaveLength(5);
  });

  it('C-05 C-06 filters by the time of creation, both ends included', async () => {
    const early = await probe.run('P_Echo', 1);
    const createdAt = Date.parse(early.createdTime);
    await probe.when(early.instanceId, () => Date.now() > createdAt + 2000);
    const late = await probe.run('P_Echo', 2);

    const from = new Date(createdAt + 1000).toISOString();
    const window = `createdTimeFrom=${new Date(createdAt).toISOString()}&createdTimeTo=${from}`;
    const after = (await probe.list(`createdTimeFrom=${from}`)).map(idOf);
    const within = (await probe.list(window)).map(idOf);

    expect(after).toContain(late.instanceId);
    expect(after).not.toContain(early.instanceId);
    expect(within).toContain(early.instanceId);
    expect(within).not.toContain(late.instanceId);
  });

  it('C-07 finds ids by their beginning only', async () => {
    const prefix = freshId('pre');
    const ids = [prefix, `${prefix}1`, `${prefix}-2`, `${prefix}x`, `${prefix}Y`];
    await Promise.all([...ids, `a${prefix}`].map((id) => probe.start('P_Echo', 1, id)));

    const found = await probe.list(`instanceIdPrefix=${prefix}`);

    expect(found.map(idOf).sort()).toEqual(ids.sort());
  });

  it('C-08 takes quotes in ids and prefixes for what they are', async () => {
    const id = `${freshId()}'s' or 1 eq 1`;
    await probe.start('P_Echo', 1, id);
    const prefix = encodeURIComponent(id.slice(0, -3));

    expect((await probe.list(`instanceIdPrefix=${prefix}`)).map(idOf)).toEqual([id]);
    expect(await probe.ended(id)).toMatchObject({ instanceId: id, output: 1 });
  });

  it('C-09 C-11 goes through the pages by the token of each', async () => {
    const prefix = freshId('page');
    const ids = [1, 2, 3, 4].map((number) => `${prefix}${number}`);
    await Promise.all(ids.map((id) => probe.start('P_Echo', 1, id)));

    const pages = await pagesOf(probe, `instanceIdPrefix=${prefix}&top=2`);

    expect(pages.every((page) => page.length <= 2)).toBe(true);
    expect(pages.flat().map(idOf).sort()).toEqual(ids);
  });

  it('C-12 leaves inputs out when asked', async () => {
    const id = await probe.start('P_Echo', 'in', freshId());
    await probe.ended(id);

    expect(await probe.list(`instanceIdPrefix=${id}`)).toMatchObject([{ input: 'in' }]);
    expect(await probe.list(`instanceIdPrefix=${id}&showInput=false`)).toMatchObject([
      { input: null },
    ]);
  });

  it('C-14 lists entities by their @name@key', async () => {
    const key = freshId();
    await probe.http('POST', `entities/E_Counter/${key}?op=add`, 1);

    const listed = await probe.when('@e_counter@' + key, () => true);

    expect(listed.instanceId).toBe(`@e_counter@${key}`);
  });

  it('C-15 takes an empty list of statuses for no filter', async () => {
    const id = await probe.start('P_Echo', 1, freshId());
    await probe.ended(id);

    const filter = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', runtimeStatus: [] };
    const answer = await probe.client('getStatusBy', filter);

    expect((answer.ok as ProbeStatus[]).map(idOf)).toContain(id);
  });

  it('C-17 lists entities, with their state when asked', async () => {
    const name = 'E_State';
    await probe.http('POST', `entities/${name}/k?op=append`, 'x');
    await probe.when('@e_state@k', (status) => JSON.stringify(status.input).includes('x'));

    const bare = await entities(probe, name, 'fetchState=false');
    const full = await entities(probe, name, 'fetchState=true');

    const entityId = { name: 'e_state', key: 'k' };
    expect(bare).toMatchObject([{ entityId, state: null }]);
    expect(full).toMatchObject([
      { entityId, state: ['x'], lastOperationTime: expect.any(String) as string },
    ]);
  });

  it('C-18 lists no entities where there are none', async () => {
    expect(await entities(probe, 'E_Slow', '')).toEqual([]);
  });
});

describeOwnProbe('query of more than a page', (probe) => {
  it('C-10 gives the SDK all 120 instances', LONG, async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map((id) => probe.start('P_Echo', 1, id)));
    await Promise.all(ids.map((id) => probe.ended(id, 30_000)));

    const all = (await probe.client('getStatusAll')).ok as ProbeStatus[];
    const some = await probe.client('getStatusBy', {
      from: '2020-01-01T00:00:00Z',
      runtimeStatus: ['Completed'],
    });

    expect(all.map(idOf).sort()).toEqual(ids.sort());
    expect(some.ok).toHaveLength(120);
  });
});

const idOf = (status: { readonly instanceId: string }): string => status.instanceId;

/** Three instances that completed, one that failed and one that runs. */
async function population(probe: Probe): Promise<{
  prefix: string;
  completed: string[];
  failed: string;
  running: string;
}> {
  const prefix = freshId('mix');
  const completed = [1, 2, 3].map((number) => `${prefix}-${number}`);
  await Promise.all(completed.map((id) => probe.start('P_Echo', 1, id)));
  const failed = await probe.start('P_Boom', 'x', `${prefix}-failed`);
  const running = await probe.start('P_WaitOne', 'x', `${prefix}-running`);
  await Promise.all([...completed, failed].map((id) => probe.ended(id)));
  await probe.reaches(running, 'Running');
  return { prefix, completed, failed, running };
}

async function pagesOf(probe: Probe, query: string): Promise<ProbeStatus[][]> {
  const pages: ProbeStatus[][] = [];
  let token = '';
  do {
    const headers: Record<string, string> =
      token === '' ? {} : { 'x-ms-continuation-token': token };
    const response = await probe.raw('GET', `instances?${query}`, undefined, headers);
    pages.push((await response.json()) as ProbeStatus[]);
    token = response.headers.get('x-ms-continuation-token') ?? '';
  } while (token !== '');
  return pages;
}

async function entities(probe: Probe, name: string, query: string): Promise<unknown> {
  return (await probe.http('GET', `entities/${name}?${query}`)).json();
}

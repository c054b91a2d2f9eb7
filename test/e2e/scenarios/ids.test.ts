/** Scenarios S: ids of all kinds, and hubs beside each other. */
import { expect, it } from 'vitest';
import { describeProbe, freshId, Probe } from '../../support/probe.ts';

describeProbe('instance ids', (probe) => {
  it.each(['@x', '@x@y', '/x', 'x/y', 'x\\', 'x#', 'x?', 'x\t', 'x\n'])(
    'S-02 refuses %j',
    async (id) => {
      const response = await probe.http(
        'POST',
        `orchestrators/P_Echo/${encodeURIComponent(id)}`,
        1,
      );

      expect([400, 404]).toContain(response.status);
      const text = await response.text();
      if (id.startsWith('@')) expect(text).toContain('must not start with @');
      else if (response.status === 400) expect(text).toContain('must not contain');
    },
  );

  it('S-03 refuses more than 100 characters', async () => {
    const long = await probe.http('POST', `orchestrators/P_Echo/${'x'.repeat(101)}`, 1);
    const fits = await probe.http('POST', `orchestrators/P_Echo/${'x'.repeat(100)}`, 1);

    expect([long.status, fits.status]).toEqual([400, 202]);
    expect(await long.text()).toContain('Instance ID lengths must not exceed 100 characters.');
  });

  it.each([
    'a b',
    'a|b:c',
    "it's",
    '100%',
    '%41',
    'a+b&c=d',
    '^',
    '^^',
    '^0',
    'x;y,z',
    '<>"`{}[]',
    '😀',
    'ไทย',
    'שלום',
    'é',
    'e\u0301',
    '.',
    'a.b..c',
  ])('S-04 does everything with %j', async (suffix) => {
    const id = suffix === '.' ? `${freshId()}.` : `${freshId()}${suffix}`;

    expect(await probe.start('P_WaitTwo', null, id)).toBe(id);
    await probe.reaches(id, 'Running');
    expect(await probe.raise(id, 'a', 1)).toBe(202);
    await probe.when(id, (status) => status.customStatus === 'a');
    expect(await probe.post(id, 'suspend')).toBe(202);
    await probe.reaches(id, 'Suspended');
    expect(await probe.post(id, 'terminate', 'x')).toBe(202);
    expect((await probe.ended(id)).instanceId).toBe(id);
    const listed = await probe.list(`instanceIdPrefix=${encodeURIComponent(id)}`);
    expect(listed.map(({ instanceId }) => instanceId)).toEqual([id]);
    expect((await probe.purge(id)).status).toBe(200);
  });

  it('S-04 S-06 tells ids apart that look alike', async () => {
    const id = freshId('Abc');
    const ids = [id, id.toLowerCase(), id.toUpperCase(), `${id}é`, `${id}e\u0301`];

    for (const each of ids) await probe.start('P_Info', null, each);

    const statuses = await Promise.all(ids.map((each) => probe.ended(each)));
    expect(statuses.map(({ output }) => (output as { instanceId: string }).instanceId)).toEqual(
      ids,
    );
  });

  it('S-04 lets the SDK use ids with spaces and signs', async () => {
    const id = `${freshId()} ü|:'`;

    const started = await probe.client('startNew', { fn: 'P_WaitOne', id, input: 'go' });
    await probe.client('raiseEvent', { id, name: 'go', data: 1 });

    expect(started).toEqual({ ok: id });
    expect((await probe.ended(id)).output).toBe(1);
  });
});

describeProbe(
  'two hubs in one account',
  (probe) => {
    it('C-13 S-13 know nothing of each other', async () => {
      const other = new Probe({ edition: 'probe-v4' });
      await other.boot();
      try {
        const id = freshId();
        await probe.start('P_Echo', 1, id);
        await other.start('P_Echo', 2, id);
        await other.start('P_Echo', 2);

        expect((await probe.ended(id)).output).toBe(1);
        expect((await other.ended(id)).output).toBe(2);
        expect([(await probe.list('')).length, (await other.list('')).length]).toEqual([1, 2]);
      } finally {
        await other.shutDown();
      }
    });
  },
  { editions: ['probe-v4'], ownHost: true },
);

/** Scenarios F: external events, before, while and after somebody waits for them. */
import { expect, it } from 'vitest';
import { describeProbe, describeProbeBothWays, freshId, type Probe } from '../../support/probe.ts';
import { LONG } from '../../support/patience.ts';

describeProbeBothWays('external events', (probe) => {
  it.each([[true], [0], [''], ['123'], [null], [{ a: ['1', 1, null] }], [[]]])(
    'F-01 hands over %j as it was sent',
    async (data) => {
      const id = await probe.start('P_WaitOne', 'go');

      expect(await probe.raise(id, 'go', data)).toBe(202);

      expect((await probe.ended(id)).output).toEqual(data);
    },
  );

  it('F-02 F-19 takes an approval, a refusal, or the end of the time', async () => {
    const [yes, no, late] = await Promise.all(
      [3600, 3600, 1].map((seconds) => probe.start('P_Approval', { seconds })),
    );
    await probe.raise(String(yes), 'approval', true);
    await probe.raise(String(no), 'approval', false);

    const ends = await Promise.all([yes, no, late].map((id) => probe.ended(String(id))));

    expect(ends.map((status) => status.output)).toEqual(['Approved', 'Rejected', 'Expired']);
  });

  it('F-04 keeps an event for which nobody waits yet', async () => {
    const name = freshId('later');
    const id = await probe.start('P_WaitLater', { name, ms: 1000 });
    await probe.began(name);

    await probe.raise(id, name, 'early');

    expect((await probe.ended(id)).output).toBe('early');
  });

  it('F-05 keeps an event that comes right after the start', async () => {
    const id = await probe.start('P_WaitOne', 'go');
    await probe.raise(id, 'go', 'at once');

    expect((await probe.ended(id)).output).toBe('at once');
  });

  it('F-06 F-08 keeps an event of another name for its own waiter', async () => {
    const id = await probe.start('P_WaitTwo');
    await probe.reaches(id, 'Running');

    await probe.raise(id, 'b', 2);
    await probe.raise(id, 'c', 3);
    const meanwhile = await probe.status(id);
    await probe.raise(id, 'a', 1);

    expect(meanwhile).toMatchObject({ runtimeStatus: 'Running', customStatus: null });
    expect((await probe.ended(id)).output).toEqual([1, 2]);
  });

  it('F-09 takes a batch of events in any order', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const id = await probe.start('P_WaitAll', names);

    await Promise.all([...names].reverse().map((name) => probe.raise(id, name, `${name}!`)));

    expect((await probe.ended(id)).output).toEqual(names.map((name) => `${name}!`));
  });

  it('F-11 answers 410 for what has ended and 404 for what does not exist', async () => {
    const { instanceId } = await probe.run('P_Echo', 1);

    expect(await probe.raise(instanceId, 'go', 1)).toBe(410);
    expect(await probe.raise('nobody', 'go', 1)).toBe(404);
    expect(await probe.client('raiseEvent', { id: instanceId, name: 'go', data: 1 })).toEqual({});
    expect(await probe.client('raiseEvent', { id: 'nobody', name: 'go', data: 1 })).toEqual({
      error: "No instance with ID 'nobody' found.",
    });
  });

  it('F-12 takes JSON only', async () => {
    const id = await probe.start('P_WaitOne', 'go');
    await probe.reaches(id, 'Running');
    const send = (body: string, contentType: string): Promise<Response> =>
      probe.raw('POST', `instances/${id}/raiseEvent/go`, body, { 'Content-Type': contentType });

    const text = await send('1', 'text/plain');
    const broken = await send('{bad', 'application/json; charset=utf-8');
    const good = await send('{"a":1}', 'application/json; charset=utf-8');

    expect(text.status).toBe(400);
    expect(await text.text()).toContain('Only application/json request content is supported');
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ Message: 'Invalid JSON content' });
    expect(good.status).toBe(202);
    expect((await probe.ended(id)).output).toEqual({ a: 1 });
  });

  it('F-13 reaches a sub-orchestration by its own id', async () => {
    const child = freshId('child');
    const parent = await probe.start('P_Parent', {
      fn: 'P_WaitOne',
      input: { name: 'go' },
      id: child,
    });
    await probe.reaches(child, 'Running');

    await probe.raise(child, 'go', 7);

    expect((await probe.ended(parent)).output).toEqual({ child: 7 });
  });

  it('F-14 carries 100 000 characters', async () => {
    const id = await probe.start('P_WaitOne', 'go');

    await probe.raise(id, 'go', 'ü'.repeat(100_000));

    expect((await probe.ended(id)).output).toBe('ü'.repeat(100_000));
  });

  it('F-15 knows events by names of any letters', async () => {
    const name = 'Größe 50 % ✓';
    const id = await probe.start('P_WaitOne', name);

    await probe.raise(id, name, 1);

    expect((await probe.ended(id)).output).toBe(1);
  });

  it('F-16 gives each of twenty generations its own signal', LONG, async () => {
    const id = await probe.start('P_Signals', { next: 1, last: 20 });
    for (let signal = 1; signal <= 20; signal++) {
      await probe.when(id, (status) => status.customStatus === signal);
      await probe.raise(id, `signal${signal}`, null);
    }

    expect((await probe.ended(id)).output).toBe('ok');
  });

  it('F-20 delivers events to an id that is created anew again and again', async () => {
    const id = freshId('anew');
    for (let round = 0; round < 5; round++) {
      await probe.start('P_WaitOne', 'go', id);
      await probe.raise(id, 'go', round);

      expect((await probe.ended(id)).output).toBe(round);
    }
  });
});

describeProbe(
  'external events of one name',
  (probe) => {
    it('F-07 are each taken once, in their order', async () => {
      const id = await probe.start('P_WaitN', { name: 'n', n: 8 });

      await raiseInTurn(probe, id, 8);

      expect((await probe.ended(id)).output).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });
  },
  { editions: ['probe-v4'] },
);

async function raiseInTurn(probe: Probe, id: string, count: number): Promise<void> {
  for (let value = 0; value < count; value++) await probe.raise(id, 'n', value);
}

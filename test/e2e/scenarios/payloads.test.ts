/** Scenarios Q: inputs and outputs of all kinds and sizes, through client, queue, history and status. */
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { itInAzureStorage } from '../../support/azure-storage-only.ts';
import { describeProbe, freshId, type Probe } from '../../support/probe.ts';

describeProbe('payloads', (probe) => {
  it.each([
    ['Q-01 signs', '{}<>/.\\"\' %20 &amp; \n\t'.repeat(50)],
    ['Q-02 25 000 Thai letters', 'ก'.repeat(25_000)],
    ['Q-03 32 000 letters', 'a'.repeat(32_000)],
    ['Q-05 200 000 letters', 'long '.repeat(40_000)],
    ['Q-08 an address', 'http://127.0.0.1:10000/devstoreaccount1/x/y.json.gz'],
    [
      'Q-09 bytes as Base64',
      Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('base64'),
    ],
    ['Q-12 a nested array', [[1, [2]], [], [[]]]],
    ['Q-13 zero', 0],
    ['Q-13 false', false],
    ['Q-13 nothing', null],
    ['Q-13 an empty object', {}],
    ['Q-14 dates as text', ['2024-01-01T00:00:00.1234567Z', '2024-01-01T10:00:00+02:00']],
    ['Q-15 numbers', { big: 1e308, tenths: 0.1 + 0.2, negative: -1.5e-7, text: ['007'] }],
    ['Q-16 keys in their order', { z: 1, a: 2, 'm n': 3, ü: '👩‍👩‍👧', e: 'é', c: 'e\u0301' }],
    ['Q-19 control characters', { text: '\u0000\u0001\u001f\u007f\u0085\u2028\ufffe' }],
    ['Q-20 a type', { $type: 'System.String, mscorlib', __type: 'x', value: 1 }],
  ])('%s', async (_, value) => {
    const { output, input } = await probe.run('P_EchoViaActivity', value);

    expect(output).toEqual(value);
    expect(input).toEqual(value);
    expect(JSON.stringify(output)).toBe(JSON.stringify(value));
  });

  it('Q-13 an empty text', async () => {
    expect((await probe.run('P_Echo', '')).output).toBe('');
  });

  it('Q-16 half a surrogate pair survives, or becomes a sign for it', async () => {
    const { output } = await probe.run('P_EchoViaActivity', { text: 'a\ud83dz' });

    expect(['a\ud83dz', 'a\ufffdz']).toContain((output as { text: string }).text);
  });

  it('Q-17 JSON of 64 levels', async () => {
    let value: unknown = 'deep';
    for (let level = 0; level < 64; level++) value = level % 2 === 0 ? { level: value } : [value];

    expect((await probe.run('P_EchoViaActivity', value)).output).toEqual(value);
  });

  itInAzureStorage('Q-03 Q-06 what is too long lies gzipped under the id', async () => {
    const { instanceId } = await probe.run('P_Long', 100_000);

    const names = await probe.blobs(instanceId);
    const [row] = await probe.instanceRows(instanceId);

    expect(names.some((name) => name.endsWith('-Result.json.gz'))).toBe(true);
    expect(
      await contentOf(
        probe,
        names.find((name) => name.includes('-Result')),
      ),
    ).toBe(JSON.stringify('é'.repeat(100_000)));
    expect(row?.['Output']).toMatch(/^http.*-largemessages\/.*\.json\.gz$/);
  });

  itInAzureStorage(
    'Q-04 what is too long is named to other tools by the URLs of its blobs',
    async () => {
      const { instanceId } = await probe.run('P_EchoViaActivity', 'x'.repeat(80_000));

      const [row] = await probe.instanceRows(instanceId);

      const blobs = `-largemessages/${instanceId}/history-[0-9A-F]{16}-`;
      expect(row?.['Input']).toMatch(
        new RegExp(`^http.*${blobs}ExecutionStarted-[0-9A-F]{8}-Input.json.gz$`),
      );
      expect(row?.['Output']).toMatch(
        new RegExp(`^http.*${blobs}ExecutionCompleted-[0-9A-F]{8}-Result.json.gz$`),
      );
    },
  );

  it('Q-05 what is too long is shown as it is, in lists and histories too', async () => {
    const { instanceId } = await probe.run('P_Long', 100_000);
    const long = 'é'.repeat(100_000);

    const [listed] = await probe.list(`instanceIdPrefix=${instanceId}`);
    const { historyEvents } = await probe.status(
      instanceId,
      'showHistory=true&showHistoryOutput=true',
    );

    expect(listed?.output).toBe(long);
    expect(historyEvents?.[1]).toMatchObject({ EventType: 'TaskCompleted', Result: long });
  });

  it('Q-07 60 000 letters under an id with spaces and signs', async () => {
    const id = `${freshId()} test|123:with white spcae`;
    await probe.start('P_EchoViaActivity', 'x'.repeat(60_000), id);

    expect((await probe.ended(id)).output).toBe('x'.repeat(60_000));
    expect((await probe.purge(id)).status).toBe(200);
  });

  it('Q-10 the reason of a failure of more than 64 KB', async () => {
    const text = 'because '.repeat(20_000);

    const status = await probe.run('P_Boom', text);

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(text.trim());
  });

  it('Q-11 4.5 MB through the client and back', async () => {
    const value = '0123456789'.repeat(450_000);

    const { output } = await probe.run('P_Echo', value, 30_000);

    expect(output === value).toBe(true);
  });

  it('O-04 I-12 a large state leaves no long payloads of earlier generations', async () => {
    const { instanceId } = await probe.run('P_Generations', {
      rest: ['a', 'b', { text: 'x'.repeat(200_000) }],
    });

    const before = await probe.stored(instanceId);
    await probe.purge(instanceId);

    expect(before.payloads).toBeGreaterThan(0);
    expect((await probe.stored(instanceId)).payloads).toBe(0);
  });
});

async function contentOf(probe: Probe, name: string | undefined): Promise<string> {
  const blob = probe.largeMessages().getBlobClient(name ?? '');
  return gunzipSync(await blob.downloadToBuffer()).toString();
}

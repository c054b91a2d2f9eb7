/** `Prefer: wait=N` on the status of an instance: RFC 7240. */
import { describe, expect, it } from 'vitest';
import { toInstanceId } from '../../src/core/ids.ts';
import { readPreferredWait } from '../../src/http/management/prefer-wait.ts';
import { within } from '../support/eventually.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const URL = 'http://localhost:7071/runtime/webhooks/durabletask/instances/x';

describe('the status of an instance', () => {
  it('is held back until the instance has ended', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Running');

    const answer = managementApp(client).request(URL, { headers: { prefer: 'wait=200' } });
    await client.findStatus('x', { input: false });
    putInstance(store, 'x', 'Completed', { output: '"done"' });
    const response = await within(Promise.resolve(answer), 'the answer');

    expect([response.status, response.headers.get('preference-applied')]).toEqual([
      200,
      'wait=200',
    ]);
    expect(await response.json()).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  });

  it('is that of a running instance when the time is up', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Running');

    const response = await managementApp(client).request(URL, { headers: { prefer: 'wait=0' } });

    expect([
      response.status,
      response.headers.get('preference-applied'),
      response.headers.get('location'),
    ]).toEqual([202, 'wait=0', URL]);
  });

  it('is answered at once when there is no such instance', async () => {
    const { client } = memoryHub();

    const response = await managementApp(client).request(URL, { headers: { prefer: 'wait=99' } });

    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  it('is answered at once, and in the same way, for other preferences', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Running');

    const headers = { prefer: 'respond-async, return=minimal' };
    const response = await managementApp(client).request(URL, { headers });

    expect([response.status, response.headers.get('preference-applied')]).toEqual([202, null]);
  });

  it.each(['wait', 'wait=', 'wait=soon', 'wait=-1', 'wait=1.5', 'wait=1e3'])(
    'is refused for %s',
    async (prefer) => {
      const { client, store } = memoryHub();
      putInstance(store, 'x', 'Completed');

      const response = await managementApp(client).request(URL, { headers: { prefer } });

      expect([response.status, await response.json()]).toEqual([
        400,
        { Message: expect.stringMatching(/^The header Prefer says wait=.*whole number/) as string },
      ]);
    },
  );

  it('is not waited for any more when the client hangs up', async () => {
    const { client, store } = memoryHub();
    putInstance(store, toInstanceId('x'), 'Running');
    const hangUp = new AbortController();

    const answer = managementApp(client).request(URL, {
      headers: { prefer: 'wait=200' },
      signal: hangUp.signal,
    });
    await client.findStatus('x', { input: false });
    hangUp.abort();

    expect((await within(Promise.resolve(answer), 'the end of the wait')).status).toBe(202);
  });
});

it.each([
  [undefined, undefined],
  ['', undefined],
  ['respond-async', undefined],
  ['await=3', undefined],
  ['wait=3', 3],
  ['respond-async, WAIT = 10', 10],
  ['wait="7"', 7],
  ['wait=7; foo=bar', 7],
  ['note="a, wait=soon", wait=5', 5],
  ['note="never closed, wait=5', 5],
  ['wait=1, wait=2', 1],
  ['wait=100000000000000000000', 230],
])('Prefer: %s means a wait of %s', (header, seconds) => {
  expect(readPreferredWait(header)).toBe(seconds);
});

/** What our own routes make of values that cannot be understood, and of clients that have the answer already. */
import { describe, expect, it } from 'vitest';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const { client, store } = memoryHub();
  putInstance(store, 'p', 'Running');
  return await managementApp(client).request(`${BASE}/${path}`, { headers });
}

describe('a value that cannot be understood', () => {
  it.each([
    ['stats?parts=-1', "'-1' is no value for 'parts'. Give a whole number from 1 to 500."],
    ['stats?parts=501', "'501' is no value for 'parts'. Give a whole number from 1 to 500."],
    ['stats?parts=1.5', "'1.5' is no value for 'parts'. Give a whole number from 1 to 500."],
    [
      'stats?createdTimeFrom=x',
      "'x' is no value for 'createdTimeFrom'. Give a time in ISO 8601, such as 2026-01-31T00:00:00Z.",
    ],
    [
      'failures?CREATEDTIMETO=2026-02-30',
      "'2026-02-30' is no value for 'createdTimeTo'. Give a time in ISO 8601, such as 2026-01-31T00:00:00Z.",
    ],
    [
      'instances/p/history?from=-1',
      "'-1' is no value for 'from'. Give a whole number from 0 to 2147483647.",
    ],
    ['instances/p/history?top=0', "'0' is no value for 'top'. Give a whole number from 1 to 5000."],
    [
      'instances/p/history?maxPayloadLength=many',
      "'many' is no value for 'maxPayloadLength'. Give a whole number from 1 to 2147483647.",
    ],
    [
      'instances/p/children?top=201',
      "'201' is no value for 'top'. Give a whole number from 1 to 200.",
    ],
    [
      'instances/p/children?from=1e3',
      "'1e3' is no value for 'from'. Give a whole number from 0 to 2147483647.",
    ],
    ['poison?top=1001', "'1001' is no value for 'top'. Give a whole number from 1 to 1000."],
  ])('is refused: %s', async (path, message) => {
    const answer = await get(path);

    expect([answer.status, await answer.json()]).toEqual([400, { Message: message }]);
  });

  it('is none where the parameter is empty, or at its bounds', async () => {
    for (const path of [
      'stats?parts=&createdTimeTo=',
      'stats?parts=500',
      'instances/p/history?from=0&top=5000',
      'instances/p/children?from=0&top=200',
    ]) {
      expect((await get(path)).status).toBe(200);
    }
  });

  it('of a route that .NET has, too, counts as absent, as there', async () => {
    expect((await get('instances?top=-1&createdTimeFrom=x')).status).toBe(200);
  });
});

describe('an answer that is known', () => {
  it.each([
    'stats?createdTimeFrom=2026-01-01&createdTimeTo=2026-01-02',
    'failures?createdTimeFrom=2026-01-01&createdTimeTo=2026-01-02',
    'storage',
    'storage/contents',
    'timers',
    'calls?createdTimeFrom=2026-01-01&createdTimeTo=2026-01-02',
    'instances/p/history',
    'instances/p/children',
  ])('is not sent again: %s', async (path) => {
    const etag = (await get(path)).headers.get('etag') ?? '';

    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(path, { 'if-none-match': tag });
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([
        304,
        etag,
        '',
      ]);
    }
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
  });
});

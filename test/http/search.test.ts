/** GET /search: what it finds, what it says of what it has not seen, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';

interface Answer {
  readonly seen: number;
  readonly isComplete: boolean;
  readonly instances: readonly { readonly instanceId: string; readonly input: unknown }[];
}

function open() {
  const { client, store } = memoryHub();
  const app = managementApp(client);
  const get = (query: string, headers: Record<string, string> = {}) =>
    Promise.resolve(app.request(`${BASE}/search?${query}`, { headers }));
  const idsOf = async (query: string) =>
    ((await (await get(query)).json()) as Answer).instances
      .map(({ instanceId }) => instanceId)
      .toSorted();
  return { store, get, idsOf };
}

describe('GET /search', () => {
  it('finds a text in input, output and custom status, in any case, and tells no payloads', async () => {
    const { store, get, idsOf } = open();
    putInstance(store, 'a', 'Completed', { input: '{"city":"London"}' });
    putInstance(store, 'b', 'Completed', { output: '"to LONDON"' });
    putInstance(store, 'c', 'Running', { customStatus: '{"at":"london"}' });
    putInstance(store, 'd', 'Failed', { output: 'said \\"no\\"', input: '"say \\"no\\""' });
    putInstance(store, '@london@x', 'Running', { input: '"london"' });

    expect(await idsOf('text=London')).toEqual(['a', 'b', 'c']);
    expect(await idsOf('text=London&runtimeStatus=Running')).toEqual(['c']);
    expect(await idsOf(`text=${encodeURIComponent('say "no"')}`)).toEqual(['d']);
    const answer = (await (await get('text=London&instanceIdPrefix=a')).json()) as Answer;
    expect(answer).toMatchObject({ seen: 1, isComplete: true, instances: [{ input: null }] });
  });

  it('finds by duration, until now for what goes on, and by parent', async () => {
    const { store, idsOf } = open();
    putInstance(store, 'short', 'Completed');
    putInstance(store, 'long', 'Completed', { completedTime: '2026-01-02T04:04:05.6789Z' });
    putInstance(store, 'open', 'Running', { parentInstanceId: 'long' });

    expect(await idsOf('maxDuration=0.5')).toEqual(['short']);
    expect(await idsOf('minDuration=3600&maxDuration=3600')).toEqual(['long']);
    expect(await idsOf('minDuration=3601')).toEqual(['open']);
    expect(await idsOf('parentInstanceId=long')).toEqual(['open']);
  });

  it('looks at no more than it may, says how many, and goes on from there', async () => {
    const { store, get } = open();
    for (let n = 0; n < 450; n++) {
      putInstance(store, `i-${String(n).padStart(3, '0')}`, 'Running', { customStatus: `${n}` });
    }

    const ids: string[] = [];
    const seen: number[] = [];
    let token: string | undefined;
    do {
      const answer = await get(
        'text=44&top=250',
        token ? { 'x-ms-continuation-token': token } : {},
      );
      const body = (await answer.json()) as Answer;
      ids.push(...body.instances.map(({ instanceId }) => instanceId));
      seen.push(body.seen);
      token = answer.headers.get('x-ms-continuation-token') ?? '';
      expect(body.isComplete).toBe(token === '');
    } while (token !== '');

    expect(seen).toEqual([250, 200]);
    expect(ids).toHaveLength(14);
  });

  it.each([
    ['minDuration=-1', "'-1' is no value for 'minDuration'. Give seconds, such as 90 or 0.5."],
    ['top=5001', "'5001' is no value for 'top'. Give a whole number from 1 to 5000."],
    [
      'runtimeStatus=Done',
      "'Done' is not a runtimeStatus. Known ones: Running, Completed, ContinuedAsNew, Failed, Canceled, Terminated, Pending, Suspended.",
    ],
    [
      `text=${'a'.repeat(1_001)}`,
      'The text that is searched for has 1001 characters. Give 1000 at most.',
    ],
  ])('refuses %s', async (query, message) => {
    const { get } = open();

    const answer = await get(query);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ Message: message });
  });
});

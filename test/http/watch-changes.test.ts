/** GET /events: who listens hears of what changes, until he or the host has enough. */
import { expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/http/node-server.ts';
import { eventually, within } from '../support/eventually.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const URL = 'http://localhost:7071/runtime/webhooks/durabletask/events';

function open() {
  const { client, store } = memoryHub();
  for (const id of ['a', 'b']) putInstance(store, id, 'Completed');
  return { client, store, app: managementApp(client) };
}

/** What the answer says until `isEnough`, or its end. */
async function heard(answer: Response, isEnough: (text: string) => boolean): Promise<string> {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!isEnough(text)) {
    const { done, value } = await within(reader.read(), 'an event', 5_000);
    if (done) return `${text}<end>`;
    text += decoder.decode(value);
  }
  reader.releaseLock();
  return text;
}

it('tells which instances have changed, those that come close together at once', async () => {
  const { app, client } = open();
  const answer = await app.request(URL);

  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  await client.purge('a');
  await client.purge('b');

  const text = await heard(answer, (said) => said.includes('data:'));
  expect(text).toBe(': open\n\ndata: {"instanceIds":["a","b"]}\n\n');
});

it('tells of many without naming them', async () => {
  const { app, client, store } = open();
  const answer = await app.request(URL);
  const ids = Array.from({ length: 101 }, (_, n) => `many-${n}`);
  for (const id of ids) putInstance(store, id, 'Completed');
  await Promise.all(ids.map((id) => client.purge(id)));

  const text = await heard(answer, (said) => said.includes('data:'));
  expect(text).toContain('data: {"instanceIds":null}\n\n');
});

it('ends when the host stops, and does not begin any more', async () => {
  const { app, client } = open();
  const answer = await app.request(URL);

  client.stopWaiting();

  expect(await heard(answer, () => false)).toBe(': open\n\n<end>');
  expect((await app.request(URL)).status).toBe(503);
});

it('lets in so many, and others when one of them has hung up', async () => {
  const { app } = open();
  const leaving = new AbortController();
  const answers: Response[] = [];
  for (let n = 0; n < 50; n++) {
    answers.push(await app.request(URL, n === 0 ? { signal: leaving.signal } : undefined));
  }
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const refused = await app.request(URL);
  expect([refused.status, await refused.json()]).toEqual([
    503,
    { Message: expect.stringContaining('As many listen') as string },
  ]);

  leaving.abort();
  expect((await app.request(URL)).status).toBe(200);
  expect((await app.request(URL)).status).toBe(503);
  await answers[1]?.body?.cancel();
  expect((await app.request(URL)).status).toBe(200);
});

it('makes room when clients of a port hang up', async () => {
  const { app } = open();
  const server = await listen(app, { port: 0 });
  onTestFinished(() => server.close(AbortSignal.abort()));
  const url = URL.replace('7071', String(server.port));
  const clients = new AbortController();
  // An answer that nobody holds any more may be hung up by the collector.
  const answers: Response[] = [];
  for (let n = 0; n < 50; n++) answers.push(await fetch(url, { signal: clients.signal }));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const last = new AbortController();
  expect((await fetch(url, { signal: last.signal })).status).toBe(503);
  expect(answers.every(({ bodyUsed }) => !bodyUsed)).toBe(true);

  clients.abort();

  await eventually(async () => (await fetch(url, { signal: last.signal })).status === 200);
  last.abort();
});

it('does not keep what nobody reads', async () => {
  const { app, client, store } = open();
  const answer = await app.request(URL);
  for (let n = 0; n < 500; n++) {
    putInstance(store, `n-${n}`, 'Completed');
    await client.purge(`n-${n}`);
  }

  const text = await heard(answer, (said) => said.includes('data:'));
  expect(text).toBe(': open\n\ndata: {"instanceIds":null}\n\n');
});

it('is refused where answers are sent as a whole', async () => {
  const { client } = memoryHub();
  const answer = await managementApp(client, { streams: false }).request(URL);

  expect([answer.status, await answer.json()]).toEqual([
    501,
    { Message: expect.stringContaining('as a whole') as string },
  ]);
});

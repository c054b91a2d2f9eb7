/** The management API of messages that were set aside. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { MemoryStore } from '../../src/memory/memory-store.ts';
import { eventRaised, id } from '../contract/sample-messages.ts';
import { managementApp, memoryHub } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask/poison';

let store: MemoryStore;
let app: ReturnType<typeof managementApp>;

beforeEach(() => {
  const hub = memoryHub();
  ({ store } = hub);
  app = managementApp(hub.client);
  for (const name of ['One', 'Two']) {
    const message = eventRaised(id('order-1'), name);
    store.setAside({ message, dequeueCount: 5, hasNoHistory: false }, `${name} is bad.`);
  }
});

describe('GET /poison', () => {
  it('lists them without the messages themselves, in pages', async () => {
    const first = await app.request(`${BASE}?top=1`);
    const token = first.headers.get('x-ms-continuation-token') ?? '';
    const second = await app.request(BASE, { headers: { 'x-ms-continuation-token': token } });

    const [poison] = (await first.json()) as [unknown];
    expect(poison).toEqual({
      id: 'message-1',
      setAsideTime: expect.any(String) as string,
      reason: 'One is bad.',
      origin: 'control',
      dequeueCount: 5,
      instanceId: 'order-1',
      eventType: 'EventRaised',
      taskEventId: null,
    });
    expect(await second.json()).toMatchObject([{ reason: 'Two is bad.' }]);
    expect(second.headers.get('x-ms-continuation-token')).toBe('');
  });
});

describe('GET /poison/{id}', () => {
  it('has the message, too', async () => {
    const shown = (await (await app.request(`${BASE}/message-2`)).json()) as { body: string };

    expect(JSON.parse(shown.body)).toMatchObject({ event: { Name: 'Two' } });
  });
});

describe('POST /poison/{id}/replay', () => {
  it('puts the message back into its queue, once', async () => {
    const replayed = await app.request(`${BASE}/message-1/replay`, { method: 'POST' });
    const again = await app.request(`${BASE}/message-1/replay`, { method: 'POST' });

    expect([replayed.status, again.status]).toEqual([202, 404]);
    expect(store.messages.map(({ event }) => event)).toMatchObject([{ Name: 'One' }]);
  });
});

describe('DELETE /poison/{id}', () => {
  it('drops the message; then it is not there', async () => {
    const dropped = await app.request(`${BASE}/message-1`, { method: 'DELETE' });
    const gone = await app.request(`${BASE}/message-1`);

    expect(dropped.status).toBe(200);
    expect(gone.status).toBe(404);
    expect(await gone.json()).toEqual({
      Message:
        "No message 'message-1' is set aside in this task hub. List them with func durable poison list.",
    });
    expect(store.messages).toEqual([]);
  });
});

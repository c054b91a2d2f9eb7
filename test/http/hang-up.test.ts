/** Requests that wait for workers of the hub, whose client hangs up. No worker runs here: only the hang-up ends the wait. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { within } from '../support/eventually.ts';
import { managementApp, putInstance } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';

/** A hub without a worker, whose instances may be started over. */
function idleHub() {
  const store = new MemoryStore();
  const records: LogRecord[] = [];
  const log = {
    write: (record: LogRecord) => {
      records.push(record);
    },
  };
  const client = new TaskHubClient({
    backend: createMemoryBackend({ store }),
    ambient: { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') },
    log,
    taskHub: 'GoldenB',
    overridableStates: 'AnyState',
  });
  const nextMessage = async () => {
    const item = await store.inbox.next(new AbortController().signal);
    return item?.messages[0]?.message.event.EventType;
  };
  return { app: managementApp(client, { log }), store, records, nextMessage };
}

it.each(['orchestrators/Other/x', 'instances/x/restart?restartWithNewInstanceId=false'])(
  'POST %s starts nothing when its client hangs up while the instance is being ended',
  async (path) => {
    const { app, store, records, nextMessage } = idleHub();
    putInstance(store, 'x', 'Running');
    const client = new AbortController();
    const answer = app.request(`${BASE}/${path}`, { method: 'POST', signal: client.signal });
    expect(await nextMessage()).toBe('ExecutionTerminated');

    client.abort();

    expect((await within(Promise.resolve(answer), 'the end of the wait', 2_000)).status).toBe(499);
    expect([...store.instances.values()]).toMatchObject([
      { name: 'EventOrch', runtimeStatus: 'Running' },
    ]);
    expect(records.filter(({ level }) => level === 'error')).toEqual([]);
  },
);

it.each(['terminate', 'suspend', 'resume'])(
  'POST %s?recursive=true asks everyone and waits for no worker when its client hangs up',
  async (operation) => {
    const { app, store, nextMessage } = idleHub();
    putInstance(store, 'x', operation === 'resume' ? 'Suspended' : 'Running');
    const client = new AbortController();
    const answer = app.request(`${BASE}/instances/x/${operation}?recursive=true`, {
      method: 'POST',
      signal: client.signal,
    });
    expect(await nextMessage()).toMatch(/^Execution/);

    client.abort();

    expect((await within(Promise.resolve(answer), 'the end of the wait', 2_000)).status).toBe(202);
  },
);

/** Event Grid as a topic sees it: a real HTTP server on this machine takes the place of the topic. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { LifecycleEvent } from '../../src/core/lifecycle/lifecycle-events.ts';
import { EventGridNotifications } from '../../src/hub/event-grid/event-grid-notifications.ts';
import {
  findEventGridTopic,
  type EventGridTopic,
} from '../../src/hub/event-grid/event-grid-topic.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { eventually, within } from '../support/eventually.ts';

const KEY = 'k3y-that-nobody-may-see';
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Topic {
  readonly endpoint: string;
  readonly posts: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
}

/** @param answer the status for the nth post; undefined answers never. */
async function openTopic(answer: (post: number) => number | undefined = () => 200): Promise<Topic> {
  const posts: Topic['posts'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posts.push({ headers: request.headers, body });
      const status = answer(posts.length);
      if (status === undefined) return;
      response.writeHead(status, { location: '/elsewhere' });
      response.end(status === 200 ? '' : `the key was ${String(request.headers['aeg-sas-key'])}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/api/events`, posts };
}

function notificationsFor(topic: Partial<EventGridTopic> & { readonly endpoint: string }) {
  const records: LogRecord[] = [];
  const notifications = new EventGridNotifications({
    topic: {
      key: KEY,
      statuses: new Set(['Running', 'Completed', 'Failed', 'Terminated']),
      retryCount: 0,
      retryIntervalMs: 10,
      retryStatuses: new Set([503]),
      ...topic,
    },
    taskHub: 'MyHub',
    log: {
      write: (record) => {
        records.push(record);
      },
    },
  });
  cleanUps.push(() => notifications.stop());
  return { notifications, records };
}

const event = (changes: Partial<LifecycleEvent> = {}): LifecycleEvent => ({
  instanceId: 'i',
  functionName: 'Hello',
  status: 'Running',
  reason: '',
  time: '2026-01-01T00:00:00.1234567Z',
  key: 'exec/Running',
  ...changes,
});

const subjectsOf = ({ posts }: Topic): string[] =>
  posts.map(({ body }) => (JSON.parse(body) as { subject: string }[])[0]?.subject ?? '');

describe('an event', () => {
  it('is posted in the schema of Event Grid, with the key as a header', async () => {
    const topic = await openTopic();
    const { notifications } = notificationsFor(topic);
    const failed = event({ status: 'Failed', reason: 'because', key: 'exec/Failed' });

    expect(await notifications.publish([failed])).toBe(true);

    expect(topic.posts[0]?.headers).toMatchObject({
      'aeg-sas-key': KEY,
      'content-type': 'application/json; charset=utf-8',
    });
    expect(JSON.parse(topic.posts[0]?.body ?? '')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown,
        topic: null,
        subject: 'durable/orchestrator/Failed',
        data: {
          hubName: 'MyHub',
          functionName: 'Hello',
          instanceId: 'i',
          reason: 'because',
          runtimeStatus: 'Failed',
        },
        eventType: 'orchestratorEvent',
        eventTime: '2026-01-01T00:00:00.1234567Z',
        metadataVersion: null,
        dataVersion: '1.0',
      },
    ]);
  });

  it('has the same id when it is told again, and another one than every other event', async () => {
    const topic = await openTopic();
    const { notifications } = notificationsFor(topic);
    const other = event({ instanceId: 'j' });
    await notifications.publish([event(), event(), event({ key: 'exec/Completed' })]);
    await notifications.publish([other]);

    const ids = topic.posts.map(({ body }) => (JSON.parse(body) as { id: string }[])[0]?.id);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it('is left out when its type is not asked for', async () => {
    const topic = await openTopic();
    const { notifications } = notificationsFor({ ...topic, statuses: new Set(['Failed']) });

    expect(await notifications.publish([event(), event({ status: 'Completed' })])).toBe(true);
    expect(topic.posts).toEqual([]);
  });
});

describe('a topic that does not take an event', () => {
  it('is asked again when it answers 503', async () => {
    const topic = await openTopic((post) => (post < 3 ? 503 : 200));
    const { notifications, records } = notificationsFor({ ...topic, retryCount: 5 });

    expect(await notifications.publish([event()])).toBe(true);
    expect(topic.posts).toHaveLength(3);
    expect(records.map(({ level }) => level)).toEqual(['debug']);
  });

  it('is asked so often and no more; then the log tells, without the key', async () => {
    const topic = await openTopic(() => 503);
    const { notifications, records } = notificationsFor({ ...topic, retryCount: 2 });

    expect(await notifications.publish([event()])).toBe(true);
    expect(topic.posts).toHaveLength(3);
    expect(records).toMatchObject([{ level: 'error', eventId: 20031 }]);
    expect(records[0]?.message).toContain('HTTP 503');
    expect(JSON.stringify(records)).not.toContain(KEY);
  });

  it.each([400, 401, 307])('is not asked again when it answers %i', async (status) => {
    const topic = await openTopic(() => status);
    const { notifications, records } = notificationsFor({ ...topic, retryCount: 5 });

    await notifications.publish([event()]);
    expect(topic.posts).toHaveLength(1);
    expect(records).toMatchObject([{ level: 'error' }]);
  });

  it('is asked again when nobody answers at all', async () => {
    const { notifications, records } = notificationsFor({
      endpoint: 'http://127.0.0.1:1/api/events',
      retryCount: 1,
    });

    expect(await notifications.publish([event()])).toBe(true);
    expect(records[0]?.message).toContain('try 2 of 2');
  });

  it('holds up the later events of that instance, and those of no other', async () => {
    const topic = await openTopic((post) => (post === 1 ? 503 : 200));
    const { notifications } = notificationsFor({ ...topic, retryCount: 1, retryIntervalMs: 300 });
    const started = notifications.publish([event()]);
    const completed = notifications.publish([event({ status: 'Completed' })]);
    await eventually(() => topic.posts.length === 1);
    await notifications.publish([event({ instanceId: 'j', status: 'Terminated' })]);
    await Promise.all([started, completed]);

    expect(subjectsOf(topic).map((subject) => subject.split('/').pop())).toEqual([
      'Running',
      'Terminated',
      'Running',
      'Completed',
    ]);
  });

  it('waits together with many others, and Node sees no leak in that', async () => {
    const topic = await openTopic(() => 503);
    const { notifications } = notificationsFor({
      ...topic,
      retryCount: 9,
      retryIntervalMs: 60_000,
    });
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    cleanUps.push(() => Promise.resolve(void process.off('warning', onWarning)));

    const ids = Array.from({ length: 30 }, (_, n) => `i${n}`);
    const told = ids.map((instanceId) => notifications.publish([event({ instanceId })]));
    await eventually(() => topic.posts.length === ids.length);
    await notifications.stop();

    expect(await Promise.all(told)).toEqual(ids.map(() => false));
    expect(warnings).toEqual([]);
  });

  it('keeps no host from stopping: what was not told is left to the next one', async () => {
    const topic = await openTopic((post) => (post === 1 ? 503 : undefined));
    const { notifications, records } = notificationsFor({
      ...topic,
      retryCount: 9,
      retryIntervalMs: 3_600_000,
    });
    const pausing = notifications.publish([event()]);
    await eventually(() => topic.posts.length === 1);
    const asking = notifications.publish([event({ instanceId: 'j' })]);
    await eventually(() => topic.posts.length === 2);

    await within(notifications.stop(AbortSignal.timeout(100)), 'stop', 3_000);
    expect(await Promise.all([pausing, asking])).toEqual([false, false]);
    expect(records.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('the settings of Event Grid', () => {
  async function topicOf(
    eventGrid: object,
    env: Readonly<Record<string, string>> = {},
  ): Promise<EventGridTopic | undefined> {
    const folder = await mkdtemp(path.join(tmpdir(), 'event-grid-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const hostJson = {
      version: '2.0',
      extensions: {
        durableTask: { storageProvider: { type: 'memory' }, notifications: { eventGrid } },
      },
    };
    await writeFile(path.join(folder, 'host.json'), JSON.stringify(hostJson));
    return findEventGridTopic(await loadConfig({ scriptRoot: folder, env, cpuCount: 1 }));
  }

  it('name the topic, its key and what is published', async () => {
    const settings = {
      topicEndpoint: '%TOPIC%',
      keySettingName: 'TOPIC_KEY',
      publishRetryCount: 3,
      publishRetryInterval: '00:00:30',
      publishRetryHttpStatus: [400, 401],
      publishEventTypes: ['Started', 'Terminated'],
    };
    expect(await topicOf(settings, { TOPIC: 'https://t.test/api/events', TOPIC_KEY: KEY })).toEqual(
      {
        endpoint: 'https://t.test/api/events',
        key: KEY,
        statuses: new Set(['Running', 'Terminated']),
        retryCount: 3,
        retryIntervalMs: 30_000,
        retryStatuses: new Set([503, 400, 401]),
      },
    );
  });

  it('publish nothing when there are none', async () => {
    expect(await topicOf({})).toBeUndefined();
  });

  it.each([
    [{ topicEndpoint: 'https://t.test', keySettingName: 'K' }, {}, 'values for K on AppSettings'],
    [{ topicEndpoint: 'https://t.test' }, {}, "keySettingName ('')"],
    [{ keySettingName: 'K' }, { K: KEY }, "topicEndpoint ('')"],
    [{ topicEndpoint: 'nowhere', keySettingName: 'K' }, { K: KEY }, 'must be the URL'],
    [{ topicEndpoint: '%NO%', keySettingName: 'K' }, { K: KEY }, "'%NO%' does not resolve"],
    [{}, { EventGrid__topicEndpoint: 'https://t.test' }, 'managed identity'],
    [{ publishEventTypes: ['Pending'] }, {}, "a list of 'Started', 'Completed'"],
  ])('that cannot work stop the start: %j', async (settings, env, text) => {
    const failure = topicOf(settings, env);
    await expect(failure).rejects.toThrow(text);
    await expect(failure).rejects.not.toThrow(KEY);
  });
});

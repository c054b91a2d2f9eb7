import { describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { silentLogger, type LogRecord } from '../../src/telemetry/log.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';

async function json(response: Response): Promise<unknown> {
  return JSON.parse(await response.text()) as unknown;
}

describe('routes', () => {
  it('ignore the case of their literal parts, and keep the case of ids', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'Abc', 'Running');
    const app = managementApp(client);
    const at = 'http://localhost:7071/Runtime/WebHooks/DurableTask';

    expect((await app.request(`${at}/Instances/Abc`)).status).toBe(202);
    expect((await app.request(`${at}/Instances/abc`)).status).toBe(404);
    expect((await app.request(`${at}/INSTANCES/Abc/Terminate`, { method: 'POST' })).status).toBe(
      202,
    );
  });

  it('tolerate slashes at the end', async () => {
    const app = managementApp(memoryHub().client);

    expect((await app.request(`${BASE}/instances/`)).status).toBe(200);
    expect((await app.request(`${BASE}/orchestrators/A/`, { method: 'POST' })).status).toBe(202);
  });

  it.each([
    ['a b|c', 'a%20b%7Cc'],
    ["it's +100%", "it's%20+100%25"],
    ['100%', '100%'],
    ['a%2Fb', 'a%252Fb'],
    ['สวัสดี🙂', encodeURIComponent('สวัสดี🙂')],
    ['a&b=c:d^^', 'a&b=c:d^^'],
  ])('decode the id %s once', async (id, segment) => {
    const app = managementApp(memoryHub().client);

    const started = await app.request(`${BASE}/orchestrators/A/${segment}`, { method: 'POST' });
    const { id: ours, statusQueryGetUri } = (await json(started)) as Record<string, string>;

    expect(ours).toBe(id);
    expect(await json(await app.request(statusQueryGetUri ?? ''))).toMatchObject({
      instanceId: id,
    });
  });

  it('answer 404 with an empty body for a method that they do not have', async () => {
    const app = managementApp(memoryHub().client);

    for (const [method, path] of [
      ['GET', '/orchestrators/A'],
      ['PUT', '/instances'],
      ['GET', '/instances/x/terminate'],
      ['DELETE', '/instances/x/raiseEvent/e'],
    ] as const) {
      const answer = await app.request(`${BASE}${path}`, { method });
      expect([answer.status, await answer.text()]).toEqual([404, '']);
    }
  });

  it('answer 404 for a hub or a connection that the host does not know', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Running');
    const app = managementApp(client);

    const unknown = await app.request(`${BASE}/instances/x?taskhub=goldenb`);
    expect(unknown.status).toBe(404);
    expect(await json(unknown)).toEqual({
      Message: expect.stringMatching(
        /^Unknown task hub 'goldenb': this host serves its own hub, .*"otherHubs": "any"/,
      ) as string,
    });
    expect((await app.request(`${BASE}/instances/x?Connection=Other`)).status).toBe(404);
    expect((await app.request(`${BASE}/instances/x?TASKHUB=GoldenB`)).status).toBe(202);
    expect((await app.request(`${BASE}/instances/x?taskHub=%20`)).status).toBe(202);
  });
});

describe('a start', () => {
  it('keeps the input as it was sent', async () => {
    const { client, store } = memoryHub();
    const body = ' {"big": 12345678901234567890, "2": 1.50, "1": "é"}';

    await managementApp(client).request(`${BASE}/orchestrators/A/x`, { method: 'POST', body });

    expect([...store.instances.values()][0]?.input).toBe(body);
  });

  it.each([
    ['%40x', 'Orchestration instance ids must not start with @.'],
    ['a%23b', 'Orchestration instance ids must not contain /, \\, #, ?, or control characters.'],
    ['a%09b', 'Orchestration instance ids must not contain /, \\, #, ?, or control characters.'],
    ['a'.repeat(101), 'Instance ID lengths must not exceed 100 characters.'],
  ])('refuses the id %s', async (segment, Message) => {
    const app = managementApp(memoryHub().client);

    const answer = await app.request(`${BASE}/orchestrators/A/${segment}`, { method: 'POST' });

    expect([answer.status, await json(answer)]).toEqual([400, { Message }]);
  });

  it('waits for the outcome when timeout and pollingInterval are given', async () => {
    const { client, store } = memoryHub();
    const query = 'timeout=20&pollingInterval=0.01';

    const waiting = managementApp(client).request(`${BASE}/orchestrators/A/x?${query}`, {
      method: 'POST',
    });
    await expect.poll(() => store.instances.size).toBe(1);
    putInstance(store, 'x', 'Completed', { output: null });
    const answer = await waiting;

    expect([answer.status, await answer.text()]).toEqual([200, 'null']);
  });

  it.each([
    ['', 200],
    ['&returnInternalServerErrorOnFailure=true', 500],
  ])('that waited for a failure shows the status (query %s)', async (flag, status) => {
    const { client, store } = memoryHub();
    const app = managementApp(client);
    const query = `timeout=20&pollingInterval=0.01${flag}`;

    const waiting = app.request(`${BASE}/orchestrators/A/x?${query}`, { method: 'POST' });
    await expect.poll(() => store.instances.size).toBe(1);
    putInstance(store, 'x', 'Failed', { output: 'no JSON' });
    const answer = await waiting;

    expect(answer.status).toBe(status);
    expect(await json(answer)).toMatchObject({ runtimeStatus: 'Failed', output: 'no JSON' });
  });

  it('answers with links when the timeout passes', async () => {
    const app = managementApp(memoryHub().client);

    const answer = await app.request(
      `${BASE}/orchestrators/A/x?timeout=0.05&pollingInterval=0.05`,
      { method: 'POST' },
    );

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([202, '10']);
  });

  it('starts nothing when the interval is longer than the timeout', async () => {
    const { client, store } = memoryHub();

    const answer = await managementApp(client).request(
      `${BASE}/orchestrators/A?timeout=0&pollingInterval=100`,
      { method: 'POST' },
    );

    expect(answer.status).toBe(400);
    expect(await json(answer)).toEqual({
      Message: 'Total timeout 0 should be bigger than retry timeout 100',
    });
    expect(store.instances.size).toBe(0);
  });

  it.each([
    ['', '3.0'],
    ['?version=', ''],
    ['?version=2.0', '2.0'],
  ])('with the query %j is of the version %j where the default is 3.0', async (query, version) => {
    const { client, store } = memoryHub('V', { defaultVersion: '3.0' });

    await managementApp(client).request(`${BASE}/orchestrators/A${query}`, { method: 'POST' });

    expect([...store.instances.values()][0]?.version).toBe(version);
  });

  it('links to the public origin when there is one, and to the hub of the request', async () => {
    const { client } = memoryHub();
    const app = managementApp(client, {
      publicOrigin: 'https://app.example',
      client: () => client,
    });

    const answer = await app.request(`${BASE}/orchestrators/A/x?taskHub=Other&connection=Mine`, {
      method: 'POST',
    });

    expect(answer.headers.get('location')).toBe(
      'https://app.example/runtime/webhooks/durabletask/instances/x?taskHub=Other&connection=Mine&code=REFKEY',
    );
  });
});

describe('an event', () => {
  const post = { method: 'POST', headers: { 'content-type': 'Application/JSON; charset=utf-8' } };

  it('carries its payload compacted and otherwise unchanged', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Running');

    const answer = await managementApp(client).request(`${BASE}/instances/x/raiseEvent/Ready`, {
      ...post,
      body: '{ "a b": [1.50,\n 12345678901234567890], "q": "\\" x \\\\" }',
    });

    expect(answer.status).toBe(202);
    expect(await raised(store)).toEqual({
      Name: 'Ready',
      Input: '{"a b":[1.50,12345678901234567890],"q":"\\" x \\\\"}',
    });
  });

  it('may have no body, which is null', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Running');

    await managementApp(client).request(`${BASE}/instances/x/raiseEvent/my%20event`, post);

    expect(await raised(store)).toEqual({ Name: 'my event', Input: 'null' });
  });

  it('to a missing or finished instance answers for the instance, whatever the body is', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Completed');
    const app = managementApp(client);
    const bad = { ...post, body: '{oops' };

    expect((await app.request(`${BASE}/instances/nope/raiseEvent/e`, bad)).status).toBe(404);
    expect((await app.request(`${BASE}/instances/x/raiseEvent/e`, bad)).status).toBe(410);
  });

  async function raised(store: ReturnType<typeof memoryHub>['store']) {
    const item = await store.inbox.next(new AbortController().signal);
    const event = item?.messages[0]?.message.event;
    return event?.EventType === 'EventRaised' ? { Name: event.Name, Input: event.Input } : event;
  }
});

describe('a list', () => {
  function hubOfThree() {
    const { client, store } = memoryHub();
    putInstance(store, 'a1', 'Running', { createdTime: '2026-01-01T00:00:00.000Z' });
    putInstance(store, 'a2', 'Failed', { createdTime: '2026-01-02T00:00:00.000Z' });
    putInstance(store, 'b', 'Completed', { createdTime: '2026-01-03T00:00:00.000Z' });
    return managementApp(client);
  }

  it.each([
    ['', ['a1', 'a2', 'b']],
    ['?runtimeStatus=Running,Failed', ['a1', 'a2']],
    ['?runtimeStatus=Running&runtimeStatus=completed', ['a1', 'b']],
    ['?runtimeStatus=', ['a1', 'a2', 'b']],
    ['?runtimeStatus=Nonsense', ['a1', 'a2', 'b']],
    ['?runtimeStatus=Nonsense,Failed', ['a2']],
    ['?createdTimeFrom=2026-01-02T00:00:00Z', ['a2', 'b']],
    ['?createdTimeFrom=2026-01-02T01:00:00+02:00&createdTimeTo=2026-01-02', ['a2']],
    ['?createdTimeFrom=0001-01-01T00:00:00Z', ['a1', 'a2', 'b']],
    ['?createdTimeFrom=2026-02-30', ['a1', 'a2', 'b']],
    ['?instanceIdPrefix=a', ['a1', 'a2']],
    ['?top=0', ['a1', 'a2', 'b']],
    ['?top=two', ['a1', 'a2', 'b']],
    ['?top=-1', ['a1', 'a2', 'b']],
  ])('with %s shows %j', async (query, ids) => {
    const answer = await hubOfThree().request(`${BASE}/instances${query}`);

    const shown = (await json(answer)) as { instanceId: string }[];
    expect(shown.map(({ instanceId }) => instanceId)).toEqual(ids);
    expect(answer.headers.get('x-ms-continuation-token')).toBe('');
  });

  it('goes on page by page, by the token in the header', async () => {
    const app = hubOfThree();
    const ids: string[] = [];
    let token = '';
    do {
      const headers = { 'x-ms-continuation-token': token };
      const answer = await app.request(`${BASE}/instances?top=2`, { headers });
      const page = (await json(answer)) as { instanceId: string }[];
      ids.push(...page.map(({ instanceId }) => instanceId));
      token = answer.headers.get('x-ms-continuation-token') ?? '';
    } while (token !== '');

    expect(ids).toEqual(['a1', 'a2', 'b']);
  });

  it('refuses a token that is not its own, and names it', async () => {
    const headers = { 'x-ms-continuation-token': 'made-up' };

    const answer = await hubOfThree().request(`${BASE}/instances`, { headers });

    expect(answer.status).toBe(400);
    expect(await json(answer)).toEqual({ Message: expect.stringContaining("'made-up'") as string });
  });

  it('leaves inputs out when asked to', async () => {
    const answer = await hubOfThree().request(`${BASE}/instances?showInput=False&top=1`);

    expect(await json(answer)).toMatchObject([{ input: null }]);
  });
});

describe('a purge by filter', () => {
  const from = 'createdTimeFrom=2020-01-01T00:00:00Z';

  it.each([
    [`${from}&runtimeStatus=Failed,Nonsense`, 'Nonsense'],
    [`${from}&createdTimeTo=yesterday`, 'yesterday'],
    ['createdTimeFrom=soon', 'soon'],
    ['createdTimeFrom=2026-02-30', '2026-02-30'],
  ])('with %s purges nothing and names the value', async (query, value) => {
    const { client, store } = memoryHub();
    putInstance(store, 'x', 'Failed');

    const answer = await managementApp(client).request(`${BASE}/instances?${query}`, {
      method: 'DELETE',
    });

    expect(answer.status).toBe(400);
    expect(await json(answer)).toEqual({ Message: expect.stringContaining(value) as string });
    expect(store.instances.size).toBe(1);
  });

  it('answers in time, with a token that goes on where it ended', async () => {
    const store = new MemoryStore();
    for (let n = 0; n < 250; n++) putInstance(store, `x${n}`, 'Completed');
    let nowMs = Date.now();
    const client = new TaskHubClient({
      backend: createMemoryBackend({ store }),
      // Each look at the clock finds it twenty seconds on.
      ambient: { now: () => (nowMs += 20_000), newId: () => 'new' },
      log: silentLogger,
      taskHub: 'Test',
    });
    const purge = (token = ''): Response | Promise<Response> =>
      managementApp(client).request(`${BASE}/instances?${from}`, {
        method: 'DELETE',
        headers: { 'x-ms-continuation-token': token },
      });

    const first = await purge();
    expect(await json(first)).toEqual({ instancesDeleted: 200 });
    expect(store.instances.size).toBe(50);

    const second = await purge(first.headers.get('x-ms-continuation-token') ?? '');
    expect(await json(second)).toEqual({ instancesDeleted: 50 });
    expect(second.headers.has('x-ms-continuation-token')).toBe(false);
  });

  it('of statuses that are not final purges nothing, or all that is finished by setting', async () => {
    const purge = async (purgeIgnoresOpenStatuses: boolean) => {
      const { client, store } = memoryHub('GoldenB', { purgeIgnoresOpenStatuses });
      putInstance(store, 'done', 'Completed');
      putInstance(store, 'busy', 'Running');
      const answer = await managementApp(client).request(
        `${BASE}/instances?${from}&runtimeStatus=Running,Pending`,
        { method: 'DELETE' },
      );
      return [answer.status, [...store.instances.keys()]];
    };

    expect(await purge(false)).toEqual([404, ['done', 'busy']]);
    expect(await purge(true)).toEqual([200, ['busy']]);
  });

  it('ends at createdTimeTo', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'old', 'Failed', { createdTime: '2026-01-01T00:00:00.000Z' });
    putInstance(store, 'new', 'Failed', { createdTime: '2026-03-01T00:00:00.000Z' });

    const answer = await managementApp(client).request(
      `${BASE}/instances?${from}&createdTimeTo=2026-02-01T00:00:00.000Z`,
      { method: 'DELETE' },
    );

    expect(await json(answer)).toEqual({ instancesDeleted: 1 });
    expect([...store.instances.keys()]).toEqual(['new']);
  });
});

it('an entity can be purged in any state, and a missing one is no error', async () => {
  const { client, store } = memoryHub();
  putInstance(store, '@counter@c', 'Running');
  const app = managementApp(client);
  const purge = () => app.request(`${BASE}/instances/@counter@c`, { method: 'DELETE' });

  expect(await json(await purge())).toEqual({ instancesDeleted: 1 });
  expect(await json(await purge())).toEqual({ instancesDeleted: 0 });
});

describe('entities', () => {
  const STATE = '{"exists":true,"state":"{\\"n\\":1}","sorter":{}}';
  const EXISTS = '{"entityExists":true}';

  function hubOfEntities() {
    const { client, store } = memoryHub();
    putInstance(store, '@counter@a', 'Running', { input: STATE, customStatus: EXISTS });
    putInstance(store, '@counter@gone', 'Running', { input: '{"sorter":{}}' });
    putInstance(store, '@counter@', 'Running', { input: STATE, customStatus: EXISTS });
    putInstance(store, '@other@a', 'Running', { input: STATE, customStatus: EXISTS });
    return { app: managementApp(client), store };
  }

  it.each([
    ['/entities/Counter/a', 200],
    ['/entities/counter/$', 200],
    ['/entities/counter/gone', 404],
    ['/entities/counter/nope', 404],
    ['/entities/counter/A', 404],
  ])('the state at %s is answered with %i', async (path, status) => {
    const answer = await hubOfEntities().app.request(`${BASE}${path}`);

    expect([answer.status, await answer.text()]).toEqual([status, status === 200 ? '{"n":1}' : '']);
  });

  it('are listed while they exist, page by page', async () => {
    const { app } = hubOfEntities();
    const keys: string[] = [];
    let token = '';
    do {
      const headers = { 'x-ms-continuation-token': token };
      const answer = await app.request(`${BASE}/entities/Counter?top=1&fetchState=true`, {
        headers,
      });
      const page = (await json(answer)) as { entityId: { key: string }; state: unknown }[];
      keys.push(...page.map(({ entityId, state }) => `${entityId.key} ${JSON.stringify(state)}`));
      token = answer.headers.get('x-ms-continuation-token') ?? '';
    } while (token !== '');

    expect(keys.sort()).toEqual([' {"n":1}', 'a {"n":1}']);
    expect(await json(await app.request(`${BASE}/entities`))).toHaveLength(3);
  });

  it.each([
    ['POST', '/entities/Counter/k?op=add', 'application/json', ' 7 ', 'add', '7'],
    ['POST', '/entities/Counter/k?op=set', 'text/plain', 'hi', 'set', '"hi"'],
    ['POST', '/entities/Counter/k?op=reset', 'application/json', '', 'reset', undefined],
    ['POST', '/entities/Counter/k', 'application/json', '1', '', '1'],
    ['POST', '/entities/Counter?op=add', 'application/json', '1', 'add', '1'],
    ['DELETE', '/entities/Counter/k', 'application/json', '', 'delete', undefined],
  ])('%s %s (%s, %j) signals %s', async (method, path, type, body, op, input) => {
    const { client, store } = memoryHub();

    const answer = await managementApp(client).request(`${BASE}${path}`, {
      method,
      headers: { 'content-type': type },
      ...(body !== '' && { body }),
    });

    expect(answer.status).toBe(202);
    const item = await store.inbox.next(new AbortController().signal);
    const { event, target } = item?.messages[0]?.message ?? {};
    expect(target?.instanceId).toBe(path.includes('/k') ? '@counter@k' : '@counter@');
    const { op: sentOp, input: sentInput } = JSON.parse(
      event?.EventType === 'EventRaised' ? (event.Input ?? '') : '',
    ) as { op?: string; input?: string };
    expect([sentOp ?? '', sentInput]).toEqual([op, input]);
  });

  it.each([
    ['/entities/Counter/k', '{oops', /^Could not parse JSON content: /],
    ['/entities/Counter/a%23b', '1', /^Entity keys must not contain/],
  ])('a signal to %s with %j is refused', async (path, body, message) => {
    const answer = await managementApp(memoryHub().client).request(`${BASE}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(answer.status).toBe(400);
    expect(await json(answer)).toEqual({ Message: expect.stringMatching(message) as string });
  });
});

it.each([
  ['restart', '3.0'],
  ['restartWithOptions?newInstanceId=copy', '3.0'],
  ['restartWithOptions?newInstanceId=copy&version=', ''],
  ['restartWithOptions?newInstanceId=copy&version=1.5', '1.5'],
])('a %s is of the version %j where the default is 3.0', async (operation, version) => {
  const { client, store } = memoryHub('V', { defaultVersion: '3.0' });
  putInstance(store, 'x', 'Completed', { version: '2.1' });

  await managementApp(client).request(`${BASE}/instances/x/${operation}`, { method: 'POST' });

  expect([...store.instances.values()].at(-1)?.version).toBe(version);
});

it('a status, and a list, have the version and the parent of an instance that has them', async () => {
  const { client, store } = memoryHub();
  putInstance(store, 'child', 'Running', { version: '2.1', parentInstanceId: 'p' });
  putInstance(store, 'other', 'Running', { version: '' });
  const app = managementApp(client);

  const list = (await json(await app.request(`${BASE}/instances`))) as object[];
  const [child = {}, other = {}] = list;

  expect(await json(await app.request(`${BASE}/instances/child`))).toEqual(child);
  expect(child).toMatchObject({ version: '2.1', parentInstanceId: 'p' });
  expect(Object.keys(child).slice(0, 4)).toEqual([
    'name',
    'version',
    'instanceId',
    'parentInstanceId',
  ]);
  expect(Object.keys(other).slice(0, 3)).toEqual(['name', 'instanceId', 'runtimeStatus']);
});

it('a restart under the id of an instance that runs is refused', async () => {
  const { client, store } = memoryHub();
  putInstance(store, 'x', 'Running');

  const answer = await managementApp(client).request(
    `${BASE}/instances/x/restart?restartWithNewInstanceId=false`,
    { method: 'POST' },
  );

  expect(answer.status).toBe(409);
  expect(await json(answer)).toMatchObject({
    Message: 'A non-terminal instance with this instance ID already exists.',
  });
});

describe('an operation on a tree of instances', () => {
  /** A hub whose clock runs so fast that nothing is waited for. */
  function hurriedHub() {
    const store = new MemoryStore();
    let nowMs = 0;
    const client = new TaskHubClient({
      backend: createMemoryBackend({ store }),
      ambient: { now: () => (nowMs += 60_000), newId: () => 'a'.repeat(32) },
      log: silentLogger,
      taskHub: 'GoldenB',
    });
    return { client, store };
  }

  it.each(['terminate', 'suspend', 'resume'])(
    '%s answers 202 with the status of each while some have not got there',
    async (operation) => {
      const { client, store } = hurriedHub();
      putInstance(store, 'x', operation === 'resume' ? 'Suspended' : 'Running');

      const answer = await managementApp(client).request(
        `${BASE}/instances/x/${operation}?recursive=true&reason=why`,
        { method: 'POST' },
      );

      expect(answer.status).toBe(202);
      const status = operation === 'resume' ? 'Suspended' : 'Running';
      expect(await json(answer)).toEqual({ instances: [{ instanceId: 'x', status }] });
      const item = await store.inbox.next(new AbortController().signal);
      expect(item?.messages[0]?.message.event.EventType).toMatch(/^Execution/);
    },
  );

  it.each(['terminate', 'suspend', 'resume'])(
    '%s answers 200 once all is settled, and 404 for what is not there',
    async (operation) => {
      const { client, store } = hurriedHub();
      putInstance(store, 'x', 'Completed');
      const post = (id: string) =>
        managementApp(client).request(`${BASE}/instances/${id}/${operation}?recursive=true`, {
          method: 'POST',
        });

      const answer = await post('x');

      expect(answer.status).toBe(200);
      expect(await json(answer)).toEqual({ instances: [{ instanceId: 'x', status: 'Completed' }] });
      expect((await post('nope')).status).toBe(404);
    },
  );

  it('purges what is finished, and refuses what is not', async () => {
    const { client, store } = hurriedHub();
    putInstance(store, 'x', 'Completed');
    putInstance(store, 'y', 'Running');
    const purge = (id: string) =>
      managementApp(client).request(`${BASE}/instances/${id}?recursive=true`, { method: 'DELETE' });

    const answer = await purge('x');

    expect(answer.status).toBe(200);
    expect(await json(answer)).toEqual({
      instancesDeleted: 1,
      instances: [{ instanceId: 'x', status: 'Purged' }],
    });
    expect((await purge('y')).status).toBe(412);
    expect((await purge('x')).status).toBe(404);
  });
});

it('a rewind of a failed instance wakes it with the reason', async () => {
  const { client, store } = memoryHub();
  putInstance(store, 'x', 'Failed');

  const answer = await managementApp(client).request(`${BASE}/instances/x/rewind?reason=again`, {
    method: 'POST',
  });

  expect(answer.status).toBe(202);
  expect(await answer.text()).toBe('');
  const item = await store.inbox.next(new AbortController().signal);
  expect(item?.messages[0]?.message.event).toMatchObject({
    EventType: 'GenericEvent',
    Data: 'again',
  });
});

it.each(['a%20reason', 'say%C5%8Dnara', 'a+reason'])('the reason %s survives', async (reason) => {
  const { client, store } = memoryHub();
  putInstance(store, 'x', 'Running');

  await managementApp(client).request(`${BASE}/instances/x/terminate?reason=${reason}`, {
    method: 'POST',
  });

  const item = await store.inbox.next(new AbortController().signal);
  expect(item?.messages[0]?.message.event).toMatchObject({
    EventType: 'ExecutionTerminated',
    Input: new URLSearchParams(`r=${reason}`).get('r'),
  });
});

it('a body over the limit is refused', async () => {
  const app = managementApp(memoryHub().client, { bodyLimitBytes: 10 });

  const answer = await app.request(`${BASE}/orchestrators/A`, {
    method: 'POST',
    body: JSON.stringify('x'.repeat(20)),
  });

  expect(answer.status).toBe(413);
  expect(await json(answer)).toEqual({ Message: 'The body of the request exceeds 10 bytes.' });
});

describe('a failure', () => {
  function failingApp(error: Error) {
    const records: LogRecord[] = [];
    const client = { taskHub: 'GoldenB', findStatus: () => Promise.reject(error) };
    const app = managementApp(client as unknown as TaskHubClient, {
      log: { write: (record) => records.push(record) },
    });
    return { app, records };
  }

  it('nobody foresaw answers 500 in the recorded shape, and is logged without the key', async () => {
    const { app, records } = failingApp(new TypeError('x is not a function'));

    const answer = await app.request(`${BASE}/instances/x?code=SECRET`);

    expect(answer.status).toBe(500);
    expect(await json(answer)).toEqual({
      Message: 'Something went wrong while processing your request',
      ExceptionMessage: 'x is not a function',
      ExceptionType: 'TypeError',
      StackTrace: null,
    });
    expect(records.map(({ message }) => message)).toEqual([
      'GET /instances/x failed: x is not a function',
    ]);
  });

  it('of storage answers 503', async () => {
    const { app, records } = failingApp(new BackendUnavailableError('No answer from the table.'));

    const answer = await app.request(`${BASE}/instances/x`);

    expect(answer.status).toBe(503);
    expect(await json(answer)).toMatchObject({ ExceptionMessage: 'No answer from the table.' });
    expect(records).toHaveLength(1);
  });
});

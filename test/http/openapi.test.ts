/** The OpenAPI document: it has every route, and every answer of a hub with a worker is as it says. */
import { Validator, type Schema } from '@cfworker/json-schema';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/management/index.ts';
import { OPENAPI_DOCUMENT } from '../../src/http/openapi/openapi-document.ts';
import { eventRaised, id } from '../contract/sample-messages.ts';
import { type DashboardHub } from '../dashboard/dashboard-hub.ts';
import { openShopHub, startOrder } from '../dashboard/shop-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LONG_MS } from '../support/patience.ts';
import { managementApp, memoryHub } from './recorded-hub.ts';

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Described {
  readonly responses: Readonly<Record<string, Answer>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
const paths = OPENAPI_DOCUMENT['paths'] as Readonly<
  Record<string, Readonly<Record<string, Described>>>
>;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const described = Object.entries(paths).flatMap(([path, operations]) =>
  Object.keys(operations)
    .filter((method) => METHODS.includes(method))
    .map((method) => `${method} ${path}`),
);

it('has each route that is served, and no other: add yours to src/http/openapi/paths.ts', () => {
  const served = OPERATIONS.flatMap(({ methods, path }) =>
    // A route for any method is described by the one that is meant.
    (methods.length > 3 ? ['POST'] : methods).map(
      (method) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    ),
  );

  expect(described.toSorted()).toEqual(served.toSorted());
});

it('has each route of docs/api.md', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const headings = [...page.matchAll(/^## (GET|POST|DELETE) (\S+)$/gm)];

  expect(headings.length).toBeGreaterThan(5);
  for (const [, method = '', path = ''] of headings) {
    expect(described).toContain(`${method.toLowerCase()} ${path}`);
  }
});

it('names each segment of a path', () => {
  for (const [path, operations] of Object.entries(paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const method of METHODS) {
      const { parameters } = operations[method] ?? {};
      if (operations[method] === undefined) continue;
      expect(
        (parameters ?? []).filter((each) => each.in === 'path').map(({ name }) => name),
        `${method} ${path}`,
      ).toEqual(names);
    }
  }
});

describe('the answers of a hub with a worker', { timeout: LONG_MS }, () => {
  let hub: DashboardHub;

  beforeAll(async () => {
    hub = await openShopHub();
    await Promise.all([
      startOrder(hub, 'done'),
      startOrder(hub, 'failed', { card: 'declined' }),
      ...['waiting', 'ended', 'gone'].map((each) =>
        startOrder(hub, each, { needsApproval: true, pickUpInMs: 86_400_000 }),
      ),
    ]);
    await reached('done', 'Completed');
    await reached('failed', 'Failed');
    await hub.client.terminate('gone', null);
    await reached('gone', 'Terminated');
  }, LONG_MS);

  afterAll(() => hub.stop());

  async function reached(instanceId: string, status: string): Promise<void> {
    await eventually(async () => {
      const found = await hub.client.findStatus(instanceId, { input: false });
      return found?.runtimeStatus === status;
    });
  }

  /** That an order is heard of by who follows the hub. */
  async function hearsOf(instanceId: string): Promise<void> {
    const said = paths['/events']?.['get']?.responses['200']?.content ?? {};
    const answer = await managementApp(hub.client, { client: () => hub.client }).request(
      'http://localhost:7071/runtime/webhooks/durabletask/events',
    );
    expect(Object.keys(said)).toEqual([answer.headers.get('content-type')]);
    await startOrder(hub, instanceId, { needsApproval: true });
    let text = '';
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(piece);
      if (text.includes(`"${instanceId}"`)) return;
    }
    expect.fail(`It ended after ${text}`);
  }

  it('are as the document says, operation by operation', async () => {
    const shop = managementApp(hub.client, {
      client: () => hub.client,
      replayer: () => hub.replayer,
      instanceLog: () => hub.instanceLog,
      runningFunctions: () => hub.runningFunctions,
    });
    const { client, store } = memoryHub();
    for (const name of ['One', 'Two']) {
      const message = eventRaised(id('order-1'), name);
      store.setAside({ message, dequeueCount: 5, hasNoHistory: false }, `${name} is bad.`);
    }
    const setAside = managementApp(client);
    const [one, two] = (await client.poison.list({ pageSize: 2 })).messages;
    const called = new Set<string>();

    const call = async (
      operation: string,
      expected: number | readonly number[],
      { to = '', body, app = shop }: { to?: string; body?: string; app?: typeof shop } = {},
    ): Promise<void> => {
      called.add(operation);
      const [method = '', path = ''] = operation.split(' ');
      const answer = await app.request(
        `http://localhost:7071/runtime/webhooks/durabletask${to === '' ? path : to}`,
        {
          method: method.toUpperCase(),
          ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
        },
      );
      const text = await answer.text();
      const where = `${operation} ${to}: ${answer.status} ${text.slice(0, 300)}`;
      expect([expected].flat(), where).toContain(answer.status);
      const said = paths[path]?.[method]?.responses[String(answer.status)];
      expect(said, where).toBeDefined();
      const schema = said?.content?.['application/json']?.schema;
      if (schema === undefined || text === '') {
        expect(text, where).toBe('');
        return;
      }
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      const whole = { $ref: '#/whole', whole: schema, components: OPENAPI_DOCUMENT['components'] };
      const { valid, errors } = new Validator(whole, '2020-12').validate(JSON.parse(text));
      expect(errors, where).toEqual([]);
      expect(valid).toBe(true);
    };

    const instance = '/instances/{instanceId}';
    const start = 'post /orchestrators/{functionName}';
    await call(start, 202, { to: '/orchestrators/ImportCatalog', body: '{"line":1}' });
    await call(start, 400, { to: '/orchestrators/ImportCatalog', body: '{' });
    await call(`${start}/{instanceId}`, 202, { to: '/orchestrators/ImportCatalog/once' });
    await call(`${start}/{instanceId}`, 409, { to: '/orchestrators/ProcessOrder/waiting' });
    await call('get /instances', 200);
    await call('get /instances', 200, { to: '/instances?top=1&showInput=false' });
    await call(`get ${instance}`, 200, { to: '/instances/done?showHistory=true' });
    await call(`get ${instance}`, 202, { to: '/instances/waiting' });
    await call(`get ${instance}`, 404, { to: '/instances/nobody' });
    await call(`get ${instance}`, 500, {
      to: '/instances/failed?returnInternalServerErrorOnFailure=true',
    });
    await call(`get ${instance}/history`, 200, { to: '/instances/done/history' });
    await call(`get ${instance}/history`, 400, { to: '/instances/done/history?top=x' });
    await call(`get ${instance}/children`, 200, { to: '/instances/done/children' });
    await call(`get ${instance}/parents`, 200, { to: '/instances/done-parcel/parents' });
    await call(`get ${instance}/parents`, 400, { to: '/instances/done/parents?top=51' });
    await call(`get ${instance}/parents`, 404, { to: '/instances/nobody/parents' });
    await call(`get ${instance}/replay`, 200, { to: '/instances/done/replay' });
    await call(`get ${instance}/replay`, 200, { to: '/instances/waiting/replay' });
    await call(`get ${instance}/replay`, 404, { to: '/instances/nobody/replay' });
    await call(`get ${instance}/replay`, 501, { to: '/instances/order-1/replay', app: setAside });
    await call(`get ${instance}/logs`, 200, { to: '/instances/done/logs' });
    await call(`get ${instance}/logs`, 400, { to: '/instances/done/logs?top=0' });
    await call(`get ${instance}/logs`, 501, { to: '/instances/order-1/logs', app: setAside });
    await call('get /search', 200, { to: '/search?text=LAMP&minDuration=0' });
    await call('get /search', 400, { to: '/search?maxDuration=long' });
    await call('get /stats', 200);
    await call('get /stats', 400, { to: '/stats?parts=-1' });
    await call('get /failures', 200);
    await call('get /storage', 200);
    await call('get /running', 200);
    await call('get /running', 400, { to: '/running?top=0' });
    await call('get /running', 501, { app: setAside });
    await call('get /storage/contents', 200);
    const messages = 'get /storage/queues/{queueName}/messages';
    await call(messages, 200, { to: '/storage/queues/control/messages' });
    await call(messages, 200, { to: '/storage/queues/control/messages?due=true' });
    await call(messages, 404, { to: '/storage/queues/nothing/messages' });
    await call('get /timers', 200);
    await call('get /locks', 200);
    await call('get /locks', 400, { to: '/locks?top=0' });
    await call('get /calls', 200);
    await call('get /calls', 400, { to: '/calls?top=0' });
    await call('get /openapi.json', 200);
    await hearsOf('heard');
    called.add('get /events');
    await call('get /entities', 200, { to: '/entities?fetchState=true' });
    await call('get /entities/{entityName}', 200, { to: '/entities/Revenue' });
    const entity = '/entities/{entityName}/{entityKey}';
    await call(`get ${entity}`, 200, { to: '/entities/Revenue/shop' });
    await call(`get ${entity}/status`, 200, { to: '/entities/Revenue/shop/status' });
    await call(`get ${entity}/status`, 404, { to: '/entities/Revenue/nobody/status' });
    await call(`get ${entity}`, 404, { to: '/entities/Revenue/nobody' });
    for (const [path, to] of [
      ['/entities/{entityName}', '/entities/Revenue'],
      [entity, '/entities/Revenue/other'],
    ] as const) {
      await call(`post ${path}`, 202, { to: `${to}?op=add`, body: '1' });
      await call(`delete ${path}`, 202, { to });
    }
    const event = 'raiseEvent/{eventName}';
    await call(`post ${instance}/${event}`, 202, {
      to: '/instances/waiting/raiseEvent/Other',
      body: '1',
    });
    await call(`post ${instance}/${event}`, 410, {
      to: '/instances/done/raiseEvent/Other',
      body: '1',
    });
    await call(`post ${instance}/suspend`, 202, { to: '/instances/waiting/suspend?reason=a' });
    await reached('waiting', 'Suspended');
    await call(`post ${instance}/resume`, 202, { to: '/instances/waiting/resume' });
    await call(`post ${instance}/resume`, 404, { to: '/instances/nobody/resume' });
    // A worker may need longer than it waits.
    await call(`post ${instance}/terminate`, [200, 202], {
      to: '/instances/ended/terminate?recursive=true',
    });
    await reached('ended', 'Terminated');
    await call(`post ${instance}/terminate`, 410, { to: '/instances/done/terminate' });
    await call(`get ${instance}/rewindPlan`, 200, { to: '/instances/failed/rewindPlan' });
    await call(`get ${instance}/rewindPlan`, 412, { to: '/instances/done/rewindPlan' });
    await call(`get ${instance}/rewindPlan`, 404, { to: '/instances/nobody/rewindPlan' });
    await call(`post ${instance}/rewind`, 412, { to: '/instances/done/rewind' });
    await call(`post ${instance}/rewind`, 404, { to: '/instances/nobody/rewind' });
    await call(`post ${instance}/rewind`, 202, { to: '/instances/failed/rewind' });
    await call(`post ${instance}/restart`, 202, { to: '/instances/done/restart' });
    await call(`post ${instance}/restart`, 400, { to: '/instances/nobody/restart' });
    const restarted = `post ${instance}/restartWithOptions`;
    await call(restarted, 202, { to: '/instances/done/restartWithOptions?newInstanceId=again' });
    await call(restarted, 400, { to: '/instances/done/restartWithOptions' });
    await call(`delete ${instance}`, 412, { to: '/instances/waiting' });
    await call(`delete ${instance}`, 200, { to: '/instances/gone' });
    await call(`delete ${instance}`, 404, { to: '/instances/gone' });
    await call('delete /instances', 400);
    await call('delete /instances', 200, {
      to: '/instances?createdTimeFrom=2020-01-01&runtimeStatus=Terminated',
    });
    await call('post /makeprimary', 200);
    const hubs = managementApp(client, { mayDeleteHub: true });
    await call('delete /hub', 403, { to: '/hub?name=LocalHub' });
    await call('delete /hub', 400, { app: hubs });
    const own = { client: () => hub.client, replayer: () => hub.replayer, mayDeleteHub: true };
    await call('delete /hub', 409, {
      to: '/hub?name=LocalHub',
      app: managementApp(hub.client, own),
    });
    const poison = '/poison/{poisonId}';
    await call('get /poison', 200, { app: setAside });
    await call(`get ${poison}`, 200, { to: `/poison/${one?.id ?? ''}`, app: setAside });
    await call(`get ${poison}`, 404, { to: '/poison/none', app: setAside });
    await call(`delete ${poison}`, 200, { to: `/poison/${one?.id ?? ''}`, app: setAside });
    await call(`post ${poison}/replay`, 202, {
      to: `/poison/${two?.id ?? ''}/replay`,
      app: setAside,
    });

    await call('delete /hub', 200, { to: '/hub?name=GoldenB', app: hubs });

    expect([...called].toSorted()).toEqual(described.toSorted());
  });
});

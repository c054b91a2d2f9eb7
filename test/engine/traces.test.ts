/** One start, one tree: what an orchestration of the official SDKs tells an OpenTelemetry SDK that its app has registered. */
import * as api from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTelemetryTracing } from '../../src/telemetry/open-telemetry.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { eventually } from '../support/eventually.ts';
import { type RecordedSpans, recordSpans } from '../support/recorded-spans.ts';
import { treeOf } from '../support/span-tree.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const TRACE = { traceParent: `00-${TRACE_ID}-${CALLER}-01`, traceState: 'vendor=a1' };

const tracing = openTelemetryTracing(() => api);
const hubs: SdkHub[] = [];
let spans: RecordedSpans;

beforeAll(() => {
  spans = recordSpans();
});
afterAll(() => {
  spans.stop();
});
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
  spans.forget();
});

type Settings = NonNullable<ConstructorParameters<typeof SdkHub>[1]>;

async function startHub({ invoker }: SdkApp, settings: Settings = {}): Promise<SdkHub> {
  const hub = new SdkHub(invoker, settings, undefined, undefined, tracing);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

/** Runs an instance that is started within TRACE, until its spans are told. */
async function run(hub: SdkHub, name: string, input: unknown = null): Promise<string> {
  const id = await hub.client.start({ name, input: JSON.stringify(input), trace: TRACE });
  await hub.ended(id);
  await told(`orchestration:${name}`);
  return id;
}

/** They are told after what they tell of is stored. */
async function told(name: string): Promise<void> {
  await eventually(() =>
    spans.all().some((span) => span.name === name && span.kind === SpanKind.SERVER),
  );
}

const SIGNAL = [
  '    entity:counter:add [producer]',
  '      entity:counter:add [consumer]',
  '        code of counter [internal]',
];
const ORDER = [
  'create_orchestration:Order [producer]',
  '  orchestration:Order [server]',
  '    activity:Ship [client]',
  '      activity:Ship [server]',
  '        code of Ship [internal]',
  '    orchestration:Bill [client]',
  '      orchestration:Bill [server]',
  '        activity:Ship [client]',
  '          activity:Ship [server]',
  '            code of Ship [internal]',
  '    orchestration:Order:timer [internal]',
  ...SIGNAL,
  '    entity:counter:get [client]',
  '      entity:counter:get [server]',
  '        code of counter [internal]',
];
const CODE_OF_ORDER = '    code of Order [internal]';

describe.each(ALL_SDKS)('an orchestration of durable-functions %s within a trace', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/traced.cjs', { tracing });
  });
  afterAll(async () => {
    await app.dispose();
  });

  it.each([
    {},
    { commitWindowMs: 0 },
    { commitWindowMs: 0, sessionCacheBytes: 0 },
    { commitWindowMs: 0, replaysAlways: true },
  ])('is one tree, however it is run, %o', async (settings) => {
    const hub = await startHub(app, settings);
    await run(hub, 'Order');

    const tree = treeOf(spans.lines(), CALLER);
    const expected = sdk === '1.5.4' ? ORDER.toSpliced(11, SIGNAL.length) : ORDER;
    expect(tree.filter((line) => line !== CODE_OF_ORDER)).toEqual(expected);
    // User code of orchestrators begins spans when it does something for the first time.
    expect(tree.filter((line) => line === CODE_OF_ORDER)).toHaveLength(1);
    const traces = new Set(spans.all().map((span) => span.spanContext().traceId));
    expect([...traces]).toEqual([TRACE_ID]);
    const states = new Set(spans.all().map((span) => span.spanContext().traceState?.serialize()));
    expect([...states]).toEqual(['vendor=a1']);
  });
});

describe('an orchestration within a trace', () => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/traced.cjs', { tracing });
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('has one span, and one of each of its steps, when another process goes on with it', async () => {
    const before = await startHub(app);
    const id = await before.client.start({ name: 'Waiting', input: null, trace: TRACE });
    await before.history(id, (history) => history.length > 0);
    await before.worker.stop();

    const after = before.again(app.invoker);
    hubs.push(after);
    await after.worker.start();
    await after.client.raiseEvent(id, 'go', null, { trace: TRACE });
    await after.ended(id);
    await told('orchestration:Waiting');

    expect(treeOf(spans.lines(), CALLER)).toEqual([
      'create_orchestration:Waiting [producer]',
      '  orchestration:Waiting [server]',
      '    code of Waiting [internal]',
      '    activity:Ship [client]',
      '      activity:Ship [server]',
      '        code of Ship [internal]',
      'orchestration_event:go [producer]',
    ]);
  });

  it('has one span over all generations', async () => {
    const hub = await startHub(app);
    await run(hub, 'Generations', 2);

    const activity = [
      '    activity:Ship [client]',
      '      activity:Ship [server]',
      '        code of Ship [internal]',
    ];
    expect(treeOf(spans.lines(), CALLER)).toEqual([
      'create_orchestration:Generations [producer]',
      '  orchestration:Generations [server]',
      ...activity,
      ...activity,
    ]);
  });

  it('says what failed', async () => {
    const hub = await startHub(app);
    const id = await run(hub, 'Failing');

    expect(treeOf(spans.lines(), CALLER)).toEqual([
      'create_orchestration:Failing [producer]',
      '  orchestration:Failing [server] error',
      '    activity:Fail [client] error',
      '      activity:Fail [server] error',
    ]);
    const found = (kind: SpanKind, name: string) =>
      spans.all().find((span) => span.kind === kind && span.name === name);
    const orchestration = found(SpanKind.SERVER, 'orchestration:Failing');
    expect(orchestration?.status.message).toContain('out of stock');
    expect(orchestration?.instrumentationScope.name).toBe('DurableTask.Core');
    expect(orchestration?.attributes).toEqual({
      'durabletask.type': 'orchestration',
      'durabletask.task.name': 'Failing',
      'durabletask.task.instance_id': id,
      'durabletask.task.status': 'Failed',
    });
    expect(found(SpanKind.SERVER, 'activity:Fail')?.attributes).toEqual({
      'durabletask.type': 'activity',
      'durabletask.task.name': 'Fail',
      'durabletask.task.instance_id': id,
      'durabletask.task.task_id': 0,
    });
  });

  it('is above what its entities send', async () => {
    const hub = await startHub(app);
    await run(hub, 'Asks');
    await eventually(() => spans.all().some(({ name }) => name === 'entity:counter:add'));

    expect(treeOf(spans.lines(), CALLER)).toEqual([
      'create_orchestration:Asks [producer]',
      '  orchestration:Asks [server]',
      '    entity:relay:pass [client]',
      '      entity:relay:pass [server]',
      '        entity:counter:add [consumer]',
      '          code of counter [internal]',
    ]);
  });

  it('is part of the trace in which its client runs', async () => {
    const hub = await startHub(app);
    await api.trace.getTracer('user').startActiveSpan('request', async (request) => {
      const id = await hub.client.start({ name: 'Bill', input: null });
      await hub.client.entities.signal('counter', 'k', 'fail', null);
      request.end();
      await hub.ended(id);
    });
    await told('orchestration:Bill');
    await eventually(() => spans.all().some(({ kind }) => kind === SpanKind.CONSUMER));

    expect(treeOf(spans.lines())).toEqual([
      'request [internal]',
      '  create_orchestration:Bill [producer]',
      '    orchestration:Bill [server]',
      '      activity:Ship [client]',
      '        activity:Ship [server]',
      '          code of Ship [internal]',
      '  entity:counter:fail [producer]',
      '    entity:counter:fail [consumer]',
      '      code of counter [internal]',
    ]);
    const failed = spans
      .all()
      .find(({ name, kind }) => name === 'entity:counter:fail' && kind === SpanKind.CONSUMER);
    expect(failed?.attributes['durabletask.entity.error_message']).toBe('Error');
  });

  it('is stored as the .NET extension stores it', async () => {
    const hub = await startHub(app);
    const history = await hub.client.readHistory(await run(hub, 'Bill'));

    const spanOf = (kind: SpanKind, name: string) =>
      spans
        .all()
        .find((span) => span.kind === kind && span.name === name)
        ?.spanContext().spanId;
    const context = (spanId: string | undefined) => ({
      TraceParent: `00-${TRACE_ID}-${String(spanId)}-01`,
      TraceState: 'vendor=a1',
    });
    const own = spanOf(SpanKind.SERVER, 'orchestration:Bill');
    const none = { Id: null, SpanId: null, ActivityStartTime: null };
    expect(history.find(({ EventType }) => EventType === 'ExecutionStarted')).toMatchObject({
      ParentTraceContext: {
        ...context(spanOf(SpanKind.PRODUCER, 'create_orchestration:Bill')),
        Id: context(own).TraceParent,
        SpanId: own,
        ActivityStartTime: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    });
    expect(history.find(({ EventType }) => EventType === 'TaskScheduled')).toMatchObject({
      ParentTraceContext: { ...context(spanOf(SpanKind.CLIENT, 'activity:Ship')), ...none },
    });
  });
});

describe('where no SDK is registered', () => {
  let app: SdkApp;
  beforeAll(async () => {
    spans.stop();
    app = await loadSdkApp('3.5.0', 'orchestrations/traced.cjs', { tracing });
  });
  afterAll(async () => {
    await app.dispose();
    spans = recordSpans();
  });

  it('hands the trace on to whatever an orchestration asks for', async () => {
    const hub = await startHub(app);
    const id = await hub.client.start({ name: 'Bill', input: null, trace: TRACE });
    await hub.ended(id);
    const history = await hub.client.readHistory(id);

    const same = { TraceParent: TRACE.traceParent, TraceState: 'vendor=a1', SpanId: null };
    for (const type of ['ExecutionStarted', 'TaskScheduled']) {
      expect(history.find(({ EventType }) => EventType === type)).toMatchObject({
        ParentTraceContext: same,
      });
    }
    expect(spans.all()).toEqual([]);
  });

  it('stores nothing of traces when a start is of none', async () => {
    const hub = await startHub(app);
    const id = await hub.start('Bill');
    await hub.ended(id);

    expect(JSON.stringify(await hub.client.readHistory(id))).not.toContain('"TraceParent"');
  });
});

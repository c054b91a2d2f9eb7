import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonOrText } from '../../src/base/json.ts';
import { completeMetadata } from '../../src/function-app/trigger-metadata.ts';
import { ALL_SDKS } from '../support/sdk-app.ts';
import { boundDurableApp } from '../support/bound-durable-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

describe('the metadata of a trigger', () => {
  const of = (value: unknown, own = {}) => {
    const { sys: _sys, ...rest } = completeMetadata({ functionName: 'F', own, value });
    return rest;
  };

  it('has the members of an object, lists and nulls left out', () => {
    expect(of({ text: 'a', number: 1.5, flag: true, inner: { A: [1] }, list: [1], none: null }))
      // In .NET's text form.
      .toEqual({
        text: { json: '"a"' },
        number: { string: '1.5' },
        flag: { json: '"True"' },
        inner: { json: '{"A":[1]}' },
      });
  });

  it.each(['  {"a":1}\n', { a: 1 }])('has those of %j', (value) => {
    expect(of(value)).toEqual({ a: { string: '1' } });
  });

  it.each(['{"a":', 'text', '[1]', [1], 7, null, undefined])('has none of %j', (value) => {
    expect(of(value)).toEqual({});
  });

  it('prefers a member to what the trigger says by a name in another case', () => {
    expect(of({ instanceid: 'b' }, { instanceId: { string: 'a' } })).toEqual({
      instanceId: { json: '"b"' },
    });
  });

  const texts = fc.oneof(
    fc.string(),
    fc.constantFrom('12e5', '012', ' 7 ', '-0.5', '1.', '.5', '+1', 'true', ' null', 'nulls', '"'),
    fc.json(),
    fc.stringMatching(/^[-0-9a-fE.+]{1,8}$/),
  );

  it('leaves to the programming model only to parse what may be JSON, and means the same text', () => {
    fc.assert(
      fc.property(texts, (value) => {
        const { data = {} } = of({ data: value });
        expect(parseJsonOrText(data.string ?? '')).toEqual(
          data.json === undefined ? parseJsonOrText(value) : '',
        );
        if (data.json !== undefined) {
          expect(JSON.parse(data.json)).toBe(value);
          expect(() => void JSON.parse(value)).toThrow();
        }
      }),
    );
  });

  it('names the function, the time and a new GUID', () => {
    const { sys } = completeMetadata({ functionName: 'F', own: {}, value: undefined });

    expect(JSON.parse(sys?.json ?? '')).toEqual({
      MethodName: 'F',
      UtcNow: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
      RandGuid: expect.stringMatching(/^[\da-f-]{36}$/) as unknown,
    });
  });
});

describe.each(ALL_SDKS)('under durable-functions %s', (sdk) => {
  const app = () =>
    boundDurableApp(sdk, {
      Orders: {
        kind: 'orchestrator',
        code: `function* (context) {
          const data = dataOf(context);
          const { input, instanceId, isReplaying, parentInstanceId, history, sys } = data;
          const before = [input, instanceId, parentInstanceId, isReplaying, sys.methodName, typeof history, triggerOf(context).instanceId];
          yield context.df.callActivity('Nothing');
          return [...before, get(context, 'note')];
        }`,
        bindings: [{ name: 'note', direction: 'in', text: '{input.orderId} of {instanceId}' }],
      },
      Nothing: { kind: 'activity', code: '() => null' },
      Ships: {
        kind: 'activity',
        code: `(input, context) => {
          const { orderId, inner, list, data, instanceId, sys } = dataOf(context);
          return [orderId, inner, list, data, instanceId, sys.methodName, get(context, 'note')];
        }`,
        bindings: [{ name: 'note', direction: 'in', text: '{orderId}{inner.a}' }],
      },
      ShipsAll: {
        kind: 'orchestrator',
        code: `function* (context) {
          return yield context.df.callActivity('Ships', { orderId: 'x7', inner: { a: 1 }, list: [1] });
        }`,
      },
      Counter: {
        kind: 'entity',
        code: `(context) => {
          const { self, exists, state, batch, entityKey, sys } = dataOf(context);
          context.df.return([self, exists, state, batch, entityKey, sys.methodName, get(context, 'note')]);
        }`,
        bindings: [{ name: 'note', direction: 'in', text: '{self.key}' }],
      },
      Asks: {
        kind: 'orchestrator',
        code: `function* (context) {
          return yield context.df.callEntity(new df.EntityId('Counter', 'k'), 'get');
        }`,
      },
    });

  it('an orchestrator finds its input, its id and its inputs', async () => {
    const hub = new SdkHub((await app()).newInvoker());
    await hub.worker.start();

    const id = await hub.start('Orders', { orderId: '7' }, '0012');
    const { output } = await hub.ended(id);
    await hub.worker.stop();

    expect(JSON.parse(output ?? '')).toEqual([
      { orderId: '7' },
      '0012',
      null,
      'True',
      'Orders',
      'undefined',
      '0012',
      '7 of 0012',
    ]);
  });

  it('an activity finds the members of its input', async () => {
    const hub = new SdkHub((await app()).newInvoker());
    await hub.worker.start();

    const output = await hub.run('ShipsAll');
    await hub.worker.stop();

    expect(output).toEqual([
      'x7',
      { a: 1 },
      null,
      { orderId: 'x7', inner: { a: 1 }, list: [1] },
      expect.any(String),
      'Ships',
      'x71',
    ]);
  });

  it('an entity finds who it is', async () => {
    const hub = new SdkHub((await app()).newInvoker());
    await hub.worker.start();

    const output = await hub.run('Asks');
    await hub.worker.stop();

    expect(output).toEqual([
      { name: 'counter', key: 'k' },
      'False',
      null,
      null,
      'k',
      'Counter',
      'k',
    ]);
  });
});

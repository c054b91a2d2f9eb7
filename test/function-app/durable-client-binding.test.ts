import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStartRequests } from '../../src/function-app/durable-client-input.ts';
import type { RpcTypedData } from '../../src/function-app/rpc-typed-data.ts';
import { disposing, type Fixture, loadFixture } from './load-fixture.ts';

describe('an orchestrationClient output', () => {
  let classic: Fixture;
  beforeAll(async () => {
    classic = await loadFixture('classic-v2');
    return disposing(classic);
  });
  afterAll(async () => {
    await classic.app.dispose();
  });

  it('starts what the function put into it', async () => {
    const items =
      '[{"FunctionName":"A","Input":{"a":1},"InstanceId":"my-id"},{"functionname":"B"}]';

    await classic.app.invoke(classic.fn('StarterOut'), { triggerData: { string: items } });

    expect(classic.starts).toEqual([
      { functionName: 'A', input: '{"a":1}', instanceId: 'my-id' },
      { functionName: 'B', input: null },
    ]);
  });

  it('fails the function when it cannot be understood', async () => {
    const result = await classic.app.invoke(classic.fn('StarterOut'), {
      triggerData: { string: '{"Input":1}' },
    });

    expect(result).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('must have a FunctionName') as string,
    });
  });
});

describe('start requests', () => {
  it.each<[RpcTypedData, unknown]>([
    [{ string: '' }, []],
    [{ json: 'null' }, []],
    [{ json: '[]' }, []],
    [{ string: '{"FunctionName":"A"}' }, [{ functionName: 'A', input: null }]],
    [{ json: '"{\\"FunctionName\\":\\"A\\"}"' }, [{ functionName: 'A', input: null }]],
    [{ json: '["{\\"FunctionName\\":\\"A\\"}"]' }, [{ functionName: 'A', input: null }]],
    [
      { json: '{"FUNCTIONNAME":"A","input":"x","instanceId":""}' },
      [{ functionName: 'A', input: '"x"' }],
    ],
    [{ bytes: Buffer.from('{"FunctionName":"A"}') }, [{ functionName: 'A', input: null }]],
  ])('%j are read', (value, expected) => {
    expect(parseStartRequests(value, 'starter')).toEqual(expected);
  });

  it.each([{ string: 'no json' }, { int: 5 }, { json: '{"FunctionName":5}' }])(
    '%j are refused with the name of the binding',
    (value) => {
      expect(() => parseStartRequests(value, 'starter')).toThrow(/'starter'/);
    },
  );
});

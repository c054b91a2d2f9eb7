/** What orchestrators and entities give to their output bindings. */
import { describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { type BoundFunction, boundDurableApp } from '../support/bound-durable-app.ts';
import { eventually } from '../support/eventually.ts';
import { ALL_SDKS } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const FUNCTIONS: Readonly<Record<string, BoundFunction>> = {
  Chain: {
    kind: 'orchestrator',
    code: `function* (context) {
      set(context, 'first', { begins: context.df.instanceId });
      yield context.df.callActivity('Nothing');
      yield context.df.waitForExternalEvent('go');
      set(context, 'second', 'went');
      yield context.df.callActivity('Nothing');
      return 'done';
    }`,
    bindings: [{ name: 'first', text: 'of {instanceId}' }, { name: 'second' }],
  },
  Collects: {
    kind: 'orchestrator',
    code: `function* (context) {
      set(context, 'list', ['a']);
      yield context.df.callActivity('Nothing');
      yield context.df.callActivity('Nothing');
      get(context, 'list').push('b');
      yield context.df.callActivity('Nothing');
      return get(context, 'silent') ?? 'nothing';
    }`,
    bindings: [{ name: 'list' }, { name: 'silent' }],
  },
  Throws: {
    kind: 'orchestrator',
    code: `function* (context) {
      set(context, 'lost', 1);
      throw new Error('boom');
    }`,
    bindings: [{ name: 'lost' }],
  },
  Nothing: { kind: 'activity', code: '() => null' },
  Counter: {
    kind: 'entity',
    code: `(context) => {
      set(context, 'count', { by: context.df.getInput() });
      context.df.setState(context.df.getState(() => 0) + context.df.getInput());
    }`,
    bindings: [{ name: 'count', text: '{self.key}' }],
  },
  Adds: {
    kind: 'orchestrator',
    code: `function* (context) {
      yield context.df.callEntity(new df.EntityId('Counter', 'k'), 'add', 3);
      return 'added';
    }`,
  },
};

describe.each(ALL_SDKS)('outputs under durable-functions %s', (sdk) => {
  it('are written once by each step that gives them, also when the step is replayed by another process', async () => {
    const { newInvoker, notes } = await boundDurableApp(sdk, FUNCTIONS);
    const first = new SdkHub(newInvoker());
    await first.worker.start();
    const id = await first.start('Chain', undefined, 'i');
    await first.history(id, (history) => history.length > 6);
    await first.worker.stop();
    const second = first.again(newInvoker());

    await second.worker.start();
    await second.client.raiseEvent(id, 'go', null);
    const { output } = await second.ended(id);
    await second.worker.stop();

    expect(output).toBe('"done"');
    expect(notes).toEqual([
      { text: 'of i', value: { begins: 'i' } },
      { text: 'second', value: 'went' },
    ]);
  });

  it('are written again when a step changes what is in them', async () => {
    const { newInvoker, notes } = await boundDurableApp(sdk, FUNCTIONS);
    const hub = new SdkHub(newInvoker());
    await hub.worker.start();

    expect(await hub.run('Collects')).toBe('nothing');
    await hub.worker.stop();

    expect(notes).toEqual([
      { text: 'list', value: ['a'] },
      { text: 'list', value: ['a', 'b'] },
    ]);
  });

  it('are not written by an orchestrator that throws', async () => {
    const { newInvoker, notes } = await boundDurableApp(sdk, FUNCTIONS);
    const hub = new SdkHub(newInvoker());
    await hub.worker.start();

    await hub.run('Throws');
    await hub.worker.stop();

    expect(notes).toEqual([]);
  });

  it('of an entity are written', async () => {
    const { newInvoker, notes } = await boundDurableApp(sdk, FUNCTIONS);
    const hub = new SdkHub(newInvoker());
    await hub.worker.start();

    expect(await hub.run('Adds')).toBe('added');
    await hub.worker.stop();

    expect(notes).toEqual([{ text: 'k', value: { by: 3 } }]);
  });
});

describe('an output without a name', () => {
  it.each(['orchestrator', 'entity'] as const)('of an %s is refused by name', async (kind) => {
    const { problems } = await boundDurableApp('2.1.3', {
      F: { kind, code: '() => null', bindings: [{ name: '$return' }] },
    });

    expect(problems).toEqual([
      {
        functionName: 'F',
        reason: `The binding '$return': what an ${kind} returns is its result, and goes to no binding. Give the binding a name, and set its value on the context.`,
      },
    ]);
  });

  it('that answers requests is named where there are none', async () => {
    const { messages } = await boundDurableApp('2.1.3', {
      F: {
        kind: 'activity',
        code: '() => null',
        bindings: [{ name: 'res', type: 'http' }],
      },
    });

    expect(messages).toContain(
      "The binding 'res' of function 'F' has no effect: the type 'http' answers requests, and the function has no httpTrigger.",
    );
  });
});

describe('an output that cannot be written', () => {
  it('fails the orchestration, and the operation of an entity', async () => {
    const beforeNote = () => {
      throw new Error('no such place');
    };
    const { newInvoker } = await boundDurableApp('3.5.0', FUNCTIONS, { beforeNote });
    const hub = new SdkHub(newInvoker());
    await hub.worker.start();

    expect(await hub.run('Chain')).toContain('no such place');
    expect(await hub.run('Adds')).toContain('no such place');
    await hub.worker.stop();
  });

  it('is written later when its storage is away', async () => {
    let failures = 0;
    const beforeNote = () => {
      if (failures++ < 2)
        throw new Error('not written', { cause: new BackendUnavailableError('away') });
    };
    const { newInvoker, notes } = await boundDurableApp('3.5.0', FUNCTIONS, { beforeNote });
    const hub = new SdkHub(newInvoker());
    await hub.worker.start();

    expect(await hub.run('Collects')).toBe('nothing');
    failures = 0;
    expect(await hub.run('Adds')).toBe('added');
    await hub.worker.stop();

    await eventually(() => (notes.length === 3 ? true : undefined));
    expect(notes).toContainEqual({ text: 'k', value: { by: 3 } });
  });
});

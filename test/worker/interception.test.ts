import { beforeEach, describe, expect, it } from 'vitest';
import { type AppLife, type Interception, intercept } from '../../src/worker/interception.ts';
import { createPlainCore, MODEL_4, type PlainCore } from './plain-core.ts';

const trigger = (type: string) => ({ name: 'F', bindings: { input: { type, direction: 'in' } } });
const DURABLE = ['orchestrationTrigger', 'ActivityTrigger', 'ENTITYTRIGGER'];
const START = { functionAppDirectory: '/app', appHookData: { shared: true } };
const nothing = () => undefined;

describe('between an app and its worker', () => {
  let plain: PlainCore;
  let interception: Interception;
  let started: AppLife[];
  let terminations: number;

  beforeEach(() => {
    plain = createPlainCore();
    started = [];
    terminations = 0;
    interception = interceptHere(plain);
  });

  function interceptHere({ core }: PlainCore): Interception {
    return intercept(core, {
      started: (life) => {
        started.push(life);
        return Promise.resolve();
      },
      terminating: () => {
        terminations += 1;
        return Promise.resolve();
      },
    });
  }

  async function startWorker(): Promise<AppLife> {
    await plain.runHooks('appStart', START);
    await plain.askForCapabilities();
    const life = started.at(-1);
    if (life === undefined) throw new Error('nothing was started');
    return life;
  }

  it.each(DURABLE)('a function with the trigger %s is kept from the host', async (type) => {
    plain.core.registerFunction(trigger(type), nothing);

    expect(plain.functions.size).toBe(0);
    expect([...(await startWorker()).functions.keys()]).toEqual(['F']);
  });

  it('a function that is taken back is gone', async () => {
    plain.core.registerFunction(trigger('activityTrigger'), nothing).dispose();

    expect((await startWorker()).functions.size).toBe(0);
  });

  it('two durable functions cannot have one id', () => {
    plain.core.registerFunction(trigger('activityTrigger'), nothing);

    expect(() => plain.core.registerFunction(trigger('entityTrigger'), nothing)).toThrow(
      'A function with id "F" has already been registered.',
    );
  });

  it('a durable function that comes after the start is refused, as the worker refuses others', async () => {
    await startWorker();

    expect(() => plain.core.registerFunction(trigger('activityTrigger'), nothing)).toThrow(
      'A function can only be registered during app startup.',
    );
  });

  it('the host hears of a function without its client', () => {
    const metadata = {
      name: 'Http',
      bindings: { req: { type: 'httpTrigger' }, client: { type: 'DurableClient' } },
    };
    plain.core.registerFunction(metadata, nothing);

    expect(plain.functions.get('Http')?.bindings).toEqual({ req: { type: 'httpTrigger' } });
  });

  it('hooks are run by the worker and by us, until they are taken back', async () => {
    const ran: string[] = [];
    const hook = plain.core.registerHook('preInvocation', () => ran.push('ran'));
    const { hooks } = await startWorker();

    await plain.runHooks('preInvocation');
    await hooks.run('preInvocation', {});
    expect(ran).toEqual(['ran', 'ran']);

    hook.dispose();
    await plain.runHooks('preInvocation');
    await hooks.run('preInvocation', {});
    expect(ran).toHaveLength(2);
    expect(hooks.appHookData).toBe(START.appHookData);
  });

  it('log hooks see what we have shown them already only once', async () => {
    const seen: unknown[] = [];
    plain.core.registerHook('log', (record) => seen.push(record));
    const life = await startWorker();

    life.logPast('information', 'user', 'shown before');
    life.core.log('information', 'system', 'new');

    expect(seen).toEqual([{ level: 'information', category: 'system', message: 'new' }]);
    expect(plain.logs.map(({ message }) => message)).toEqual(['shown before', 'new']);
  });

  it('a hook that the worker does not know is none of ours either', () => {
    const old = createPlainCore(false);
    interceptHere(old);

    expect(() => old.core.registerHook('log', nothing)).toThrow(RangeError);
  });

  it('what the worker can do is what the model of the app says', async () => {
    const capable = { ...MODEL_4, getCapabilities: () => ({ HttpUri: 'http://localhost:1/' }) };
    plain.core.setProgrammingModel(capable);
    await plain.runHooks('appStart', START);

    expect(await plain.askForCapabilities()).toEqual({ HttpUri: 'http://localhost:1/' });
    expect(started[0]?.model).toBe(capable);
  });

  it('each app that the worker is given begins anew', async () => {
    plain.core.registerFunction(trigger('activityTrigger'), nothing);
    const first = await startWorker();
    plain.reset();

    plain.core.registerFunction({ ...trigger('activityTrigger'), name: 'G' }, nothing);
    const second = await startWorker();

    expect([...first.functions.keys()]).toEqual(['F']);
    expect([...second.functions.keys()]).toEqual(['G']);
    await plain.runHooks('appTerminate');
    expect(terminations).toBe(1);
  });

  it('knows when the model says that functions were registered before', () => {
    expect(interception.isLate).toBe(false);
    const late = createPlainCore();
    late.core.setProgrammingModel(MODEL_4);

    expect(interceptHere(late).isLate).toBe(true);
  });

  it('says once that it was loaded after the start: when a function is called', async () => {
    await plain.runHooks('preInvocation');
    await plain.runHooks('preInvocation');

    const [first, ...more] = plain.logs;
    expect(first?.level).toBe('error');
    expect(first?.message).toContain('when the app had started already');
    expect(more).toEqual([]);
  });

  it('says nothing of the kind when it came in time', async () => {
    await startWorker();
    await plain.runHooks('preInvocation');

    expect(plain.logs).toEqual([]);
  });
});

/** Entities through the official SDKs of all three generations: operations, errors, deletion, and critical sections. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const hubs: SdkHub[] = [];

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

async function startHub(
  { invoker }: SdkApp,
  settings: ConstructorParameters<typeof SdkHub>[1] = {},
): Promise<SdkHub> {
  const hub = new SdkHub(invoker, settings);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

const SETTINGS = [
  { how: 'with sessions kept', settings: {} },
  {
    how: 'with every session read from storage',
    settings: { sessionCacheBytes: 0, commitWindowMs: 0, maxEntityOperationBatchSize: 2 },
  },
];

/** Waits until the state of a counter, as JSON, is this text. */
async function stateIs(hub: SdkHub, key: string, state: string | undefined): Promise<void> {
  await eventually(async () => (await hub.client.entities.readState('counter', key)) === state);
}

async function lockedBy(hub: SdkHub, key: string): Promise<unknown> {
  const row = await hub.client.findStatus(`@counter@${key}`, { input: false });
  const status = JSON.parse(row?.customStatus ?? '{}') as Record<string, unknown>;
  return status['lockedBy'];
}

describe.each(ALL_SDKS.flatMap((sdk) => SETTINGS.map((setting) => ({ sdk, ...setting }))))(
  'an entity of durable-functions $sdk $how',
  ({ sdk, settings }) => {
    let app: SdkApp;
    beforeAll(async () => {
      app = await loadSdkApp(sdk, 'orchestrations/entities.cjs');
    });
    afterAll(async () => {
      await app.dispose();
    });

    it('answers calls, one after the other', async () => {
      const hub = await startHub(app, settings);

      const results = await hub.run('Calls', [
        ['a', 'get'],
        ['a', 'add', 5],
        ['b', 'add', 1],
        ['a', 'add', -2],
      ]);

      expect(results).toEqual([0, 5, 1, 3]);
      expect(await hub.client.entities.readState('Counter', 'a')).toBe('3');
    });

    it('applies each signal once, in order', async () => {
      const hub = await startHub(app, settings);
      const count = 25;
      for (let n = 0; n < count; n++) {
        await hub.client.entities.signal('Counter', 'k', 'append', String(n));
      }

      await stateIs(hub, 'k', JSON.stringify(Array.from({ length: count }, (_, n) => n)));
    });

    it('tells the caller of a failed operation, and goes on with its state', async () => {
      const hub = await startHub(app, settings);

      const results = await hub.run('Calls', [
        ['a', 'add', 5],
        ['a', 'nonsense'],
        ['a', 'get'],
      ]);

      const told = sdk === '1.5.4' ? 'no operation nonsense' : 'error: no operation nonsense';
      expect(results).toEqual([5, told, 5]);
    });

    it('B14: logs what a failed operation threw, as far as the SDK hands it over', async () => {
      const hub = await startHub(app, settings);

      await hub.run('Calls', [
        ['a', 'nonsense'],
        ['a', 'break'],
      ]);

      const failures = hub.records.filter(({ message }) => message.includes('operations failed'));
      const text = failures.map(({ message }) => message).join(' ');
      expect(text).toContain(`'nonsense': "no operation nonsense"`);
      // Of an Error the SDK makes '{}', and says nothing of it to anybody.
      expect(text).toMatch(/'break'[,)]/);
    });

    it('does not exist any more after destructOnExit, and begins anew', async () => {
      const hub = await startHub(app, settings);
      await hub.run('Calls', [
        ['a', 'add', 5],
        ['a', 'delete'],
      ]);

      expect(await hub.client.entities.readState('counter', 'a')).toBeUndefined();
      expect(await hub.run('Calls', [['a', 'add', 1]])).toEqual([1]);
    });

    it('begins anew after a purge, whatever was kept of it', async () => {
      const hub = await startHub(app, settings);
      await hub.run('Calls', [['a', 'add', 5]]);

      expect(await hub.client.purge('@counter@a')).toBe(1);
      expect(await hub.client.purge('@counter@a')).toBe(0);
      expect(await hub.run('Calls', [['a', 'add', 1]])).toEqual([1]);
    });

    it('signals other entities', async () => {
      const hub = await startHub(app, settings);
      await hub.client.entities.signal('counter', 'a', 'poke', '"b"');
      await hub.client.entities.signal('counter', 'a', 'poke', '"b"');

      await stateIs(hub, 'b', '2');
    });

    it('that the app does not have fails the orchestration that calls it', async () => {
      const hub = await startHub(app, settings);

      expect(await hub.run('CallsUnknown')).toMatch(
        /^Orchestrator function 'CallsUnknown' failed: The function 'nobody' doesn't exist, is disabled, or is not an entity function\. Additional info: The following are the known entity functions: '[Cc]ounter'/,
      );
    });

    it('of an impossible id fails the orchestration that calls it', async () => {
      const hub = await startHub(app, settings);

      expect(await hub.run('LongKey')).toMatch(/must not exceed 512 characters/);
    });
  },
);

describe.each(['2.1.3', '3.5.0'] as const)('orchestrations of durable-functions %s', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/entities.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('signal and then call, and are served in that order', async () => {
    const hub = await startHub(app, { maxEntityOperationBatchSize: 7 });

    expect(await hub.run('Signals', { key: 'k', count: 30 })).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
  });

  it('fail when they signal an entity that the app does not have', async () => {
    const hub = await startHub(app);

    expect(await hub.run('SignalsUnknown')).toMatch(/The function 'nobody' doesn't exist/);
  });
});

describe.each(SETTINGS)('a critical section $how', ({ settings }) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/entities.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  async function holding(hub: SdkHub, keys: string[], id: string): Promise<void> {
    await hub.start('Holds', keys, id);
    await eventually(async () => {
      const status = await hub.client.findStatus(id, { input: false });
      return status?.customStatus === '"holding"';
    });
  }

  it('is entered by one orchestration at a time', async () => {
    const hub = await startHub(app, settings);

    const others = await Promise.all(
      Array.from({ length: 8 }, () => hub.run('Increments', 'shared')),
    );

    expect(others).toEqual(others.map(() => 0));
    expect(await hub.client.entities.readState('counter', 'shared')).toBe('8');
  });

  it('over two entities each, around a ring, ends for all', async () => {
    const hub = await startHub(app, settings);
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const transfers = keys.map((from, n) => ({ from, to: keys[(n + 1) % keys.length] }));

    await Promise.all([...transfers, ...transfers].map((input) => hub.run('Transfers', input)));

    for (const key of keys) {
      expect(await hub.client.entities.readState('counter', key)).toBe('0');
      await eventually(async () => (await lockedBy(hub, key)) === undefined);
    }
  });

  it('keeps signals of others waiting', async () => {
    const hub = await startHub(app, settings);
    await holding(hub, ['k'], 'owner');
    await hub.client.entities.signal('counter', 'k', 'add', '1');
    const row = await eventually(async () => {
      const record = await hub.client.findStatus('@counter@k', { input: true });
      return record?.customStatus?.includes('queueSize') ? record : undefined;
    });

    expect(JSON.parse(row.customStatus ?? '')).toEqual({ queueSize: 1, lockedBy: 'owner' });
    await hub.client.raiseEvent('owner', 'Go', '"return"');
    await stateIs(hub, 'k', '1');
  });

  it.each(['return', 'throw', 'unknown'])(
    'is left when the orchestration ends by: %s',
    async (how) => {
      const hub = await startHub(app, settings);
      await holding(hub, ['k', 'l'], 'owner');
      await hub.client.raiseEvent('owner', 'Go', JSON.stringify(how));
      await hub.ended('owner');

      expect(await hub.run('Increments', 'k')).toBe(0);
      expect(await hub.run('Increments', 'l')).toBe(0);
    },
  );

  it('is left when the orchestration is terminated', async () => {
    const hub = await startHub(app, settings);
    await holding(hub, ['k', 'l'], 'owner');
    await hub.client.terminate('owner', 'enough');
    await hub.ended('owner');

    expect(await hub.run('Increments', 'l')).toBe(0);
    expect(await hub.run('Increments', 'k')).toBe(0);
  });

  it('that a terminated orchestration still waits for is not kept for it', async () => {
    const hub = await startHub(app, settings);
    await holding(hub, ['b'], 'owner');
    await hub.start('Holds', ['a', 'b'], 'waiting');
    await eventually(async () => (await lockedBy(hub, 'a')) === 'waiting');
    await hub.client.terminate('waiting', 'enough');
    await hub.ended('waiting');
    await hub.client.raiseEvent('owner', 'Go', '"return"');

    expect(await hub.run('Increments', 'a')).toBe(0);
    expect(await hub.run('Increments', 'b')).toBe(0);
  });

  it('cannot be around an entity that the app does not have', async () => {
    const hub = await startHub(app, settings);

    expect(await hub.run('LocksUnknown')).toMatch(/The function 'nobody' doesn't exist/);
  });
});

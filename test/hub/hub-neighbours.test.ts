/** What a worker says, at its start, of the others that it finds on the hub. */
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { HubApp, HubUser } from '../../src/engine/backend.ts';
import { checkNeighbours } from '../../src/hub/hub-neighbours.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';

const appOf = (name: string, ...activities: readonly string[]): HubApp => ({
  name,
  functions: { orchestrators: ['Order'], activities, entities: [] },
});

const OWN = appOf('shop', 'Pack', 'Ship');

const workerOf = (app: HubApp | undefined, partition = 'hub-control-00'): HubUser => ({
  kind: 'worker',
  owner: 'web-7:12:1f9d02ab:c03e55',
  partition,
  until: undefined,
  app,
});

const SHARING = {
  useTablePartitionManagement: true,
  useLegacyPartitionManagement: false,
} as Config['durableTask']['storageProvider'];

/** What is logged. */
async function check(
  users: readonly HubUser[] | Error,
  otherApps: 'allow' | 'warn' | 'refuse' = 'warn',
): Promise<readonly string[]> {
  const records: LogRecord[] = [];
  await checkNeighbours({
    backend: {
      listHubUsers: () => (users instanceof Error ? Promise.reject(users) : Promise.resolve(users)),
    },
    config: { durableTask: { hubName: 'Hub', otherApps, storageProvider: SHARING } } as Config,
    app: OWN,
    log: { write: (record) => void records.push(record) },
  });
  return records.map(({ level, message }) => `${level}: ${message}`);
}

describe('a worker that starts', () => {
  it.each<[string, readonly HubUser[]]>([
    ['nobody', []],
    ['another worker of the same app', [workerOf(OWN)]],
    ['another version of the app', [workerOf(appOf('shop', 'Pack', 'Ship', 'Bill'))]],
    [
      'a copy under another name, whose names differ in case',
      [workerOf(appOf('shop-2', 'SHIP', 'pack'))],
    ],
    ['a worker that leaves no word of its app, as those of .NET', [workerOf(undefined)]],
  ])('says nothing of %s', async (_, users) => {
    expect(await check(users, 'refuse')).toEqual([]);
  });

  it('names another app once, however much it owns, and says what to do', async () => {
    const other = appOf('billing', 'Bill');

    const said = await check([workerOf(other), workerOf(other, 'hub-control-01')]);

    expect(said).toEqual([
      "warning: Task hub 'Hub' is worked on already by another app than 'shop': 'billing' (worker 'web-7:12:1f9d02ab:c03e55'). Apps that share a hub get instances of each other. Give each a hub of its own (extensions.durableTask.hubName), or, where it is meant to be, set extensions.durableTask.otherApps to 'allow'.",
    ]);
  });

  it('does not start beside another app where that is refused, and does not care where it is allowed', async () => {
    const users = [workerOf(appOf('billing', 'Bill'))];

    await expect(check(users, 'refuse')).rejects.toThrow(/another app than 'shop': 'billing'/);
    expect(await check(users, 'allow')).toEqual([]);
  });

  it('names workers that share partitions in another way, and cannot be seen', async () => {
    const said = await check([workerOf(undefined, 'ownership/hub-control-00')], 'allow');

    expect(said).toEqual([
      expect.stringMatching(
        /shares them by the table .* owns ownership\/hub-control-00, by leases/,
      ),
    ]);
  });

  it('starts, and says so, when it cannot find out', async () => {
    expect(await check(new Error('no answer'), 'refuse')).toEqual([
      "warning: It could not be found out who else works on task hub 'Hub': no answer",
    ]);
  });
});

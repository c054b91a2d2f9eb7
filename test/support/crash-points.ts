/**
 * Orchestrations that something happens to half-way, whatever the storage: what they are, how a client starts them, and how they have
 * to end. What can go wrong, and where, is the business of each storage (test/e2e/crash-points.test.ts, test/local/crash-points.test.ts).
 */
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { InstanceExistsError, InstanceStateConflictError } from '../../src/core/errors.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { eventually, type Patience } from './eventually.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';
import { IS_IN_FULL } from './in-full.ts';
import { loadSdkApp, type SdkApp, TRIGGER_SETTINGS } from './sdk-app.ts';

interface Scenario {
  /** Of the orchestrator. */
  readonly name: string;
  readonly output: unknown;
  /** Of a sub-orchestration. */
  readonly child?: { readonly output: string };
  /** States of the accounts at the end. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Raised all at once. */
  readonly events: readonly string[];
}

export interface CrashRun {
  readonly name: string;
  readonly window: string;
  readonly scenario: Scenario;
  readonly commitWindowMs: number;
}

/** AzureHub and LocalHub are such. */
export interface CrashHub {
  readonly client: TaskHubClient;
  start(): Promise<void>;
  ended(instanceId: string, patience: Patience): Promise<InstanceRecord>;
  messageCount(): number | Promise<number>;
}

const ID = 'i';
const EVENT = { go: true };
const PATIENCE = { timeoutMs: 60_000, intervalMs: 50 };
const AS_IT_SHOULD = 'as it should';

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'Everything',
    output: {
      hello: ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'],
      event: EVENT,
      child: 'Hello Kyoto!',
      fan: [0, 1, 4, 9, 16],
    },
    child: { output: '"Hello Kyoto!"' },
    events: ['Go'],
  },
  {
    name: 'Accounts',
    output: { seen: 4, from: 102 },
    accounts: { from: '102', to: '3' },
    events: ['Go'],
  },
  {
    name: 'Races',
    output: [true, true, true],
    events: [0, 1, 2].flatMap((round) => [`A${round}`, `B${round}`]),
  },
];
const WINDOWS = [
  { window: 'without a commit window', commitWindowMs: 0 },
  { window: 'with a commit window', commitWindowMs: 100 },
];

/** Entities have no window: in short they are tried in one way only. */
export const CRASH_RUNS: readonly CrashRun[] = SCENARIOS.flatMap((scenario) =>
  WINDOWS.slice(0, scenario.accounts && !IS_IN_FULL ? 1 : 2).map((way) => ({
    name: scenario.name,
    scenario,
    ...way,
  })),
);

export function loadCrashApp(): Promise<SdkApp> {
  return loadSdkApp('3.5.0', 'orchestrations/crash-points.cjs');
}

/** Starts the orchestration on a hub that works, and sees to its end. @param observer of the same hub. */
export async function runToEnd(
  { scenario }: CrashRun,
  hub: Pick<CrashHub, 'client'>,
  observer: CrashHub,
): Promise<void> {
  await begin(hub.client, scenario);
  await expectEnd(observer, scenario);
}

/** A process that begins the orchestration, to be killed. @param storage see hub-process.js. */
export function startVictim(
  app: SdkApp,
  { scenario: { name, events }, commitWindowMs }: CrashRun,
  storage: unknown,
): Promise<HubProcess> {
  return startHubProcess({
    scriptRoot: app.folder,
    storage,
    triggers: TRIGGER_SETTINGS,
    commitWindowMs,
    name,
    instanceId: ID,
    events,
    event: EVENT,
  });
}

/** The process dies in the middle of the orchestration, and the next one goes on. */
export async function outlive(run: CrashRun, victim: HubProcess, next: CrashHub): Promise<void> {
  victim.begin();
  // A window that closes late makes do with fewer steps: then the orchestration may end before its process does.
  await Promise.race([victim.exited, next.ended(ID, PATIENCE)]);
  victim.kill();
  await victim.exited;
  await next.start();
  await runToEnd(run, next, next);
}

/**
 * Tries all points, `parallel` at a time.
 * @returns how each of them ended; `asTheyShould` is what to expect.
 */
export async function endsOf<Point>(
  points: readonly Point[],
  parallel: number,
  attempt: (point: Point) => Promise<void>,
): Promise<readonly { readonly point: Point; readonly end: string }[]> {
  const ends: { readonly point: Point; readonly end: string }[] = [];
  const queue = points.entries();
  const lane = async (): Promise<void> => {
    for (const [index, point] of queue) {
      ends[index] = await attempt(point).then(
        () => ({ point, end: AS_IT_SHOULD }),
        (error: unknown) => ({ point, end: inspect(error) }),
      );
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return ends;
}

export function asTheyShould<Point>(points: readonly Point[]) {
  return points.map((point) => ({ point, end: AS_IT_SHOULD }));
}

/** As a client does it: what failed is tried again, under the same id. */
async function begin(client: TaskHubClient, { name, events }: Scenario): Promise<void> {
  await eventually(async () => {
    // One that has ended already would be started over.
    if (await client.findStatus(ID, { input: false })) return true;
    try {
      await client.start({ name, instanceId: ID, input: null });
    } catch (error) {
      if (!(error instanceof InstanceExistsError)) throw error;
    }
    return true;
  });
  await Promise.all(
    events.map((event) =>
      eventually(async () => {
        try {
          await client.raiseEvent(ID, event, JSON.stringify(EVENT));
        } catch (error) {
          if (!(error instanceof InstanceStateConflictError)) throw error;
        }
        return true;
      }),
    ),
  );
}

async function expectEnd(
  observer: CrashHub,
  { output, child: childOf, accounts = {} }: Scenario,
): Promise<void> {
  const record = await observer.ended(ID, PATIENCE);
  expect([record.runtimeStatus, JSON.parse(record.output ?? '')]).toEqual(['Completed', output]);
  if (childOf) {
    const child = await observer.ended(`${ID}-child`, PATIENCE);
    expect([child.runtimeStatus, child.output]).toEqual(['Completed', childOf.output]);
  }
  await eventually(
    async () => {
      expect(await observer.messageCount()).toBe(0);
      return true;
    },
    { ...PATIENCE, intervalMs: 250 },
  );
  for (const [key, balance] of Object.entries(accounts)) {
    expect([key, await observer.client.entities.readState('account', key)]).toEqual([key, balance]);
  }
}

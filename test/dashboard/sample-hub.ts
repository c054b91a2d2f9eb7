/** A hub on which the TypeScript samples have run for a day: what the pictures of docs/dashboard.md show. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SYSTEM_CLOCK, type Clock } from '../../src/base/clock.ts';
import { createAppInvoker } from '../../src/function-app/app-invoker.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { InstanceLog } from '../../src/telemetry/instance-log.ts';
import { silentLogger, type Logger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { REPOSITORY } from '../support/func-process.ts';
import { createScratchApp } from '../support/scratch-app.ts';
import { TRIGGER_SETTINGS } from '../support/sdk-app.ts';
import { openDashboardHub, type DashboardHub } from './dashboard-hub.ts';

const SAMPLES = path.join(REPOSITORY, 'samples/typescript');
const HOUR_MS = 3_600_000;
const DAYS = 86_400;

/** Of which the day before now has been lived through in `hours`, with pauses in which nothing happens. */
export async function openSampleHub(hours: readonly number[]): Promise<DashboardHub> {
  const instanceLog = new InstanceLog({ next: silentLogger });
  const [app, today] = await Promise.all([loadSamples(SAMPLES, instanceLog), loadTomorrow()]);
  const clock = new MovedClock();
  const hub = await openDashboardHub(
    {
      invoker: app.invoker,
      instanceLog,
      dispose: async () => {
        await app.dispose();
        await today.dispose();
      },
    },
    { clock, invokerOfToday: today.invoker },
  );
  const work = new SampleWork(hub.client);
  for (const [index, hour] of hours.entries()) {
    clock.movedMs = -hour * HOUR_MS;
    await work.usual(index);
  }
  clock.movedMs = 0;
  await work.now();
  await hub.setApprovalAside(1, 'leave-alan', 'Tried 5 times in vain: the disk is full.');
  return hub;
}

class MovedClock implements Clock {
  movedMs = 0;

  now(): number {
    return SYSTEM_CLOCK.now() + this.movedMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    return SYSTEM_CLOCK.schedule(delayMs, run);
  }
}

/** What people do with the samples. */
class SampleWork {
  readonly #client: TaskHubClient;
  #orders = 1_000;

  constructor(client: TaskHubClient) {
    this.#client = client;
  }

  /** All of it has ended when this resolves. */
  async usual(index: number): Promise<void> {
    const orders = Array.from({ length: 2 + ((index * 5) % 7) }, (_, n) =>
      this.#order({ items: ITEMS.slice(n % 3, (n % 3) + 2), ...(n === 3 && DECLINED) }),
    );
    const others = [this.#start('E1_HelloSequence'), this.#start('E2_FanOutFanIn', TEXTS)];
    const failed = [
      ...(index % 4 === 1 ? [this.#order({ card: 'unreachable' })] : []),
      ...(index % 5 === 2 ? [this.#start('E2_FanOutFanIn', { texts: TEXTS })] : []),
    ];
    const ids = await Promise.all([...orders, ...others, ...failed]);
    await Promise.all(ids.map((id) => this.#has(id, ['Completed', 'Failed'])));
  }

  /** What is there now, under ids that the pictures look for. */
  async now(): Promise<void> {
    const leave = (who: string): Promise<string> =>
      this.#start('E3_Approval', { title: `Two weeks in July, ${who}` }, `leave-${who}`);
    await Promise.all([
      this.#order({ items: ITEMS, card: 'busy' }, 'order-2001'),
      this.#order({ card: 'unreachable' }, 'order-2002'),
      this.#order({ card: 'unreachable' }, 'order-2003'),
      ...[1, 2, 3].map((days) => this.#order({ items: ITEMS, deliverInSeconds: days * DAYS })),
      this.#order({ items: ITEMS, deliverInSeconds: 5 * DAYS }, 'order-2004'),
    ]);
    await Promise.all([
      this.#has('order-2001', ['Completed']),
      this.#has('order-2003', ['Failed']),
    ]);
    await this.#start('E2_FanOutFanIn', { texts: TEXTS });
    await this.#start('E1_HelloSequence');
    await this.#order({ card: 'declined' }, 'order-2005');
    await Promise.all(['ada', 'alan', 'edsger', 'grace', 'linus'].map(leave));
    await Promise.all(['ada', 'alan', 'edsger', 'grace', 'linus'].map((who) => this.#waits(who)));
    await this.#client.raiseEvent('leave-ada', 'Approval', 'true');
    await this.#client.suspend('leave-edsger', 'until the plan of July is there');
    await this.#client.terminate('leave-linus', 'asked for twice');
    await Promise.all([
      this.#has('order-2002', ['Failed']),
      this.#has('leave-ada', ['Completed']),
      this.#has('leave-edsger', ['Suspended']),
      this.#has('leave-linus', ['Terminated']),
      this.#says('order-2004', 'delivering'),
    ]);
  }

  #order(changes: object, id = `order-${++this.#orders}`): Promise<string> {
    return this.#start('E4_Order', { customer: 'Ada', items: ITEMS.slice(0, 2), ...changes }, id);
  }

  #start(name: string, input?: object, instanceId?: string): Promise<string> {
    return this.#client.start({
      name,
      ...(instanceId !== undefined && { instanceId }),
      input: input === undefined ? null : JSON.stringify(input),
    });
  }

  async #has(id: string, statuses: readonly string[]): Promise<void> {
    await eventually(
      async () => {
        const found = await this.#client.findStatus(id, { input: false });
        return found !== undefined && statuses.includes(found.runtimeStatus);
      },
      { timeoutMs: 30_000 },
    );
  }

  #waits(who: string): Promise<void> {
    return this.#says(`leave-${who}`, 'waiting for approval');
  }

  async #says(id: string, customStatus: string): Promise<void> {
    await eventually(async () => {
      const found = await this.#client.findStatus(id, { input: false });
      return found?.customStatus?.includes(customStatus);
    });
  }
}

const ITEMS = ['lamp', 'teapot', 'chair', 'rug'];
const TEXTS = ['one two', 'three four five', 'six'];
const DECLINED = { card: 'declined' };

interface LoadedSamples {
  readonly invoker: FunctionInvoker;
  dispose(): Promise<void>;
}

async function loadSamples(scriptRoot: string, log: Logger): Promise<LoadedSamples> {
  const app = await loadFunctionApp({
    scriptRoot,
    environment: {},
    log,
    bindings: [],
    resolveSetting: (text) => text,
  });
  return {
    invoker: createAppInvoker({ app, settings: TRIGGER_SETTINGS, log }),
    dispose: () => app.dispose(),
  };
}

/** The samples with one more step, as somebody may change them while orders are under way. */
async function loadTomorrow(): Promise<LoadedSamples> {
  const script = await readFile(path.join(SAMPLES, 'dist/functions/order.js'), 'utf8');
  const changed = script.replace(
    /(\n\s*)(\/\/ Fails when the last try does)/,
    "$1yield context.df.callActivity('E4_CheckAddress', customer);$1$2",
  );
  const checkAddress = "df.app.activity('E4_CheckAddress', { handler: () => true });";
  if (changed === script) throw new Error('The sample has changed: where is its payment?');
  const scratch = await createScratchApp({
    files: { 'package.json': { main: 'order.js' }, 'order.js': `${changed}\n${checkAddress}` },
    packages: {
      '@azure/functions': '@azure/functions',
      'durable-functions': 'durable-functions',
    },
  });
  const app = await loadSamples(scratch.folder, silentLogger);
  return {
    invoker: app.invoker,
    dispose: async () => {
      await app.dispose();
      await scratch.remove();
    },
  };
}

/**
 * Instances of every kind on a hub, started and told by a client that works on nothing itself, and what is to become of them: see
 * `test/apps/hub-moves`.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import type { AzureHub } from './azure-hub.ts';

/** What an instance gets, what becomes of it, and how many activities it runs. */
interface Kind {
  readonly input: (batch: string) => unknown;
  readonly output: unknown;
  readonly activities: (id: string) => readonly string[];
}

const LETTERS = 8;
const steps = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);
const keys = (id: string, count: number): readonly string[] =>
  steps(count).map((n) => `${id} ${n}`);

const KINDS = {
  chain: { input: () => null, output: steps(6), activities: (id) => keys(id, 6) },
  'fan-out': { input: () => null, output: steps(8), activities: (id) => keys(id, 8) },
  parent: {
    input: () => null,
    output: [steps(6), steps(6)],
    activities: (id) => [...keys(`${id}-a`, 6), ...keys(`${id}-b`, 6)],
  },
  letters: {
    input: () => LETTERS,
    output: steps(LETTERS),
    activities: (id) => keys(id, LETTERS),
  },
  generations: {
    input: () => ({ left: 3, done: [] }),
    output: [3, 2, 1],
    activities: (id) => [3, 2, 1].map((n) => `${id} ${n}`),
  },
  timers: { input: () => null, output: 'fired', activities: (id) => keys(id, 3) },
  retries: {
    input: () => null,
    output: 'mended',
    activities: (id) => [`${id} retry`, `${id} retry`],
  },
  counts: { input: () => null, output: 113, activities: (id) => [`${id} 0`] },
  locks: { input: (batch) => batch, output: 'counted', activities: () => [] },
} as const satisfies Readonly<Record<string, Kind>>;

type KindName = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

export interface BatchOptions {
  /** How many of each kind. */
  readonly count: number;
  /** Kinds that are left out. @default none */
  readonly without?: readonly KindName[];
  /**
   * Whether workers die meanwhile: what they had fetched comes later than what came after it, and what they had done with may come
   * again.
   * @default false
   */
  readonly isDisturbed?: boolean;
}

export interface Outcome {
  readonly instances: number;
  /** A line for each instance that did not become what it should, and each activity that did not run as often as it should. */
  readonly faults: readonly string[];
}

export class HubLoad {
  /** Where the app writes down what it runs: for the environment of its workers. */
  readonly journal: string;
  readonly #hub: AzureHub;

  private constructor(hub: AzureHub, journal: string) {
    this.#hub = hub;
    this.journal = journal;
  }

  static async create(hub: AzureHub): Promise<HubLoad> {
    return new HubLoad(hub, await mkdtemp(path.join(tmpdir(), 'hub-journal-')));
  }

  async dispose(): Promise<void> {
    await rm(this.journal, { recursive: true, force: true });
  }

  /** Starts a batch. @returns once everything has been sent; `outcome` waits for the ends. */
  async begin(options: BatchOptions): Promise<{ readonly outcome: () => Promise<Outcome> }> {
    const { count, without = [], isDisturbed = false } = options;
    const batch = randomBytes(4).toString('hex');
    const kinds = KIND_NAMES.filter((name) => !without.includes(name));
    const instances = kinds.flatMap((name) =>
      steps(count).map((n) => ({ name, id: `${batch}-${name}-${n}` })),
    );
    const { client } = this.#hub;
    for (const { name, id } of instances) {
      const input = JSON.stringify(KINDS[name].input(batch));
      await client.start({ name, instanceId: id, input });
    }
    const letters = instances.filter(({ name }) => name === 'letters');
    await Promise.all(letters.map(({ id }) => sendLetters(client, id)));
    return {
      outcome: async () => {
        const faults: string[] = [];
        const expected = new Map<string, number>();
        for (const { name, id } of instances) {
          const { output, activities }: Kind = KINDS[name];
          for (const key of activities(id)) expected.set(key, (expected.get(key) ?? 0) + 1);
          faults.push(...(await this.#faultOf(id, output, isDisturbed && name === 'letters')));
        }
        if (kinds.includes('locks')) {
          await client.start({ name: 'read', instanceId: `${batch}-read`, input: `"${batch}"` });
          faults.push(...(await this.#faultOf(`${batch}-read`, count, false)));
        }
        const ran = (await this.runs()).all;
        for (const [key, times] of expected) {
          const found = ran.get(key) ?? 0;
          const isWrong = isDisturbed ? found < times : found !== times;
          if (isWrong) faults.push(`activity '${key}' ran ${found} times in place of ${times}`);
        }
        return { instances: instances.length, faults };
      },
    };
  }

  /** How often each activity has begun, and how many each worker has begun with. */
  async runs(): Promise<{
    readonly all: ReadonlyMap<string, number>;
    readonly byWorker: Readonly<Record<string, number>>;
  }> {
    const all = new Map<string, number>();
    const byWorker: Record<string, number> = {};
    for (const worker of await readdir(this.journal)) {
      const lines = (await readFile(path.join(this.journal, worker), 'utf8')).split('\n');
      for (const key of lines.filter((line) => line !== '')) {
        all.set(key, (all.get(key) ?? 0) + 1);
        byWorker[worker] = (byWorker[worker] ?? 0) + 1;
      }
    }
    return { all, byWorker };
  }

  async #faultOf(id: string, expected: unknown, isInAnyOrder: boolean): Promise<readonly string[]> {
    const { runtimeStatus, output } = await this.#hub.ended(id, {
      timeoutMs: 120_000,
      intervalMs: 200,
    });
    const found: unknown =
      runtimeStatus === 'Completed' ? JSON.parse(output ?? 'null') : runtimeStatus;
    const isSet = isInAnyOrder && Array.isArray(found);
    const text = JSON.stringify(isSet ? [...new Set(found as unknown[])].sort() : found);
    return text === JSON.stringify(expected) ? [] : [`${id} ended with ${text} (${output ?? ''})`];
  }
}

/** One after the other, none of them waited for. */
async function sendLetters(client: TaskHubClient, id: string): Promise<void> {
  for (const letter of steps(LETTERS)) await client.raiseEvent(id, 'letter', String(letter));
}

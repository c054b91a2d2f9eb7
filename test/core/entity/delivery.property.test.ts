/** Requests and locks on a bad network: whatever is delayed, repeated or crashes, each takes effect once and in order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entityInstanceId, type EntityId } from '../../../src/core/entity/entity-id.ts';
import { encodeRelease, RELEASE_EVENT } from '../../../src/core/entity/release-message.ts';
import { encodeRequest } from '../../../src/core/entity/request-message.ts';
import { SendStamps } from '../../../src/core/entity/send-stamps.ts';
import type { TaskMessage } from '../../../src/core/task-message.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { Network, type Choose } from './network.ts';

const ENTITIES: readonly EntityId[] = ['a', 'b', 'c'].map((key) => ({ name: 'e', key }));
const MANY_STEPS = 20_000;

function raise(sender: string, target: string, name: string, input: string): TaskMessage {
  return {
    event: {
      EventType: 'EventRaised',
      EventId: -1,
      IsPlayed: false,
      Timestamp: '2026-01-01T00:00:00.000Z',
      Name: name,
      Input: input,
      ParentTraceContext: null,
    },
    target: { instanceId: toInstanceId(target), executionId: null },
    sender: { instanceId: sender, executionId: 'exec' },
  };
}

/** One execution of an orchestration that sends requests. */
class Sender {
  readonly #network: Network;
  readonly #id: string;
  readonly #executionId: string;
  readonly #stamps = new SendStamps();

  constructor(network: Network, id: string, executionId: string) {
    this.#network = network;
    this.#id = id;
    this.#executionId = executionId;
  }

  request(entity: EntityId, operation: string): void {
    this.#send(entity, {
      operation,
      isSignal: operation.startsWith('s'),
      id: this.#name(operation),
    });
  }

  lock(name: string, lockSet: readonly EntityId[]): void {
    const [first] = lockSet;
    if (first)
      this.#send(first, { operation: null, isSignal: false, id: this.#name(name), lockSet });
  }

  release(name: string, lockSet: readonly EntityId[]): void {
    const input = encodeRelease({ owner: this.#id, id: this.#name(name) });
    for (const entity of lockSet) {
      this.#network.send(raise(this.#id, entityInstanceId(entity), RELEASE_EVENT, input));
    }
  }

  #name(text: string): string {
    return `${this.#id}/${this.#executionId}/${text}`;
  }

  #send(
    entity: EntityId,
    request: Pick<Parameters<typeof encodeRequest>[0], 'operation' | 'isSignal' | 'id' | 'lockSet'>,
  ): void {
    const target = entityInstanceId(entity);
    const input = encodeRequest({
      ...request,
      input: null,
      parentInstanceId: this.#id,
      parentExecutionId: this.#executionId,
      due: null,
      ...this.#stamps.next(target, this.#network.nowMs),
    });
    this.#network.send(raise(this.#id, target, 'op', input));
  }
}

function chooser(source: fc.GeneratorValue): Choose {
  return (below) => source(fc.nat, { max: Math.max(0, below - 1) });
}

function runDry(network: Network): void {
  for (let n = 0; n < MANY_STEPS && !network.isQuiet; n++) network.step();
  expect(network.isQuiet).toBe(true);
}

describe('requests', () => {
  it('run once each, in the order in which each execution of a sender sent them', () => {
    fc.assert(
      fc.property(fc.gen(), (source) => {
        const choose = chooser(source);
        const network = new Network(choose);
        for (const generation of ['g1', 'g2', 'g3']) {
          for (const id of ['x', 'Y', '#released']) {
            const sender = new Sender(network, id, generation);
            for (let n = 0; n < 4; n++)
              sender.request(ENTITIES[choose(2)] ?? { name: 'e', key: 'a' }, `s${n}`);
          }
          for (let n = choose(6); n > 0; n--) network.step();
        }
        runDry(network);

        const all = [...network.ran.values()].flatMap((requests) => requests.map(({ id }) => id));
        expect(all.sort()).toEqual(
          ['#released', 'Y', 'x'].flatMap((id) =>
            ['g1', 'g2', 'g3'].flatMap((g) => [0, 1, 2, 3].map((n) => `${id}/${g}/s${n}`)),
          ),
        );
        for (const requests of network.ran.values()) {
          const ids = requests.map(({ id }) => id);
          for (const prefix of new Set(ids.map((id) => id.slice(0, id.lastIndexOf('/') + 1)))) {
            const own = ids.filter((id) => id.startsWith(prefix));
            expect(own).toEqual([...own].sort());
          }
        }
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });
});

describe('critical sections', () => {
  it('exclude each other, all end, and leave nothing locked', () => {
    fc.assert(
      fc.property(fc.gen(), (source) => {
        const network = runSections(chooser(source), { tellsTooSoon: false });
        for (const requests of network.ran.values()) {
          const locks = requests.map(({ id }) => id.slice(0, id.lastIndexOf('/')));
          expect(changes(locks)).toBe(new Set(locks).size);
        }
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('all end and leave nothing locked when answers left that no state tells of', () => {
    fc.assert(
      fc.property(fc.gen(), (source) => {
        runSections(chooser(source), { tellsTooSoon: true });
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });
});

/** @returns the network after orchestrations that all ended. */
function runSections(choose: Choose, options: { readonly tellsTooSoon: boolean }): Network {
  const sections = Array.from({ length: 4 }, (_, n) => new Section(`o${n}`, choose));
  const network: Network = new Network(choose, {
    ...options,
    onAnswer: ({ target, event }) => {
      const name = event.EventType === 'EventRaised' ? event.Name : '';
      sections.find(({ id }) => id === target.instanceId)?.answer(name);
    },
  });
  for (const section of sections) section.begin(network);
  runDry(network);
  expect(sections.map(({ isOver }) => isOver)).toEqual(sections.map(() => true));
  for (const entity of ENTITIES.map(entityInstanceId)) {
    const { lockedBy, queue } = network.stateOf(entity);
    expect({ lockedBy, queue }).toEqual({ lockedBy: null, queue: [] });
  }
  return network;
}

/** An orchestration that locks some entities and calls each of them twice, then locks them again; or gives up while it waits. */
class Section {
  readonly id: string;
  isOver = false;
  readonly #lockSet: readonly EntityId[];
  readonly #givesUp: boolean;
  #calls: string[] = [];
  #rounds: number;
  #sender: Sender | undefined;
  #waitsFor = '';

  constructor(id: string, choose: Choose) {
    this.id = id;
    const chosen = ENTITIES.filter(() => choose(2) === 0);
    this.#lockSet = chosen.length === 0 ? ENTITIES : chosen;
    this.#givesUp = choose(4) === 0;
    this.#rounds = 1 + choose(2);
  }

  begin(network: Network): void {
    this.#sender = new Sender(network, this.id, 'exec');
    this.#enter();
  }

  /** Answers that are not waited for are duplicates, or too late. */
  answer(name: string): void {
    if (this.isOver || name !== this.#waitsFor) return;
    const call = this.#calls.shift();
    const entity = ENTITIES.find(({ key }) => key === call?.[0]);
    if (call === undefined || !entity) {
      this.#leave();
      return;
    }
    this.#await(call);
    this.#sender?.request(entity, `${this.#rounds}/${call}`);
  }

  #enter(): void {
    this.#calls = this.#lockSet.flatMap(({ key }) => [`${key}1`, `${key}2`]);
    this.#await('lock');
    this.#sender?.lock(`${this.#rounds}/lock`, this.#lockSet);
    if (this.#givesUp) this.#leave();
  }

  /** The next section begins in the same step. */
  #leave(): void {
    this.#sender?.release(`${this.#rounds}/lock`, this.#lockSet);
    this.#rounds--;
    this.isOver = this.#rounds === 0;
    if (!this.isOver) this.#enter();
  }

  #await(name: string): void {
    this.#waitsFor = `${this.id}/exec/${this.#rounds}/${name}`;
  }
}

/** How many runs of equal values there are. */
function changes(values: readonly unknown[]): number {
  return values.filter((value, index) => index === 0 || value !== values[index - 1]).length;
}

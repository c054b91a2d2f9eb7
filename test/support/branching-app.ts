/**
 * An orchestrator that waits for event `a` or `b`, and then asks for one thing or another, under the same event id. Its output
 * is what it got. What is asked for ends when the test lets it.
 */
import type { HistoryEvent } from '../../src/core/history-event.ts';
import type { SdkAction } from '../../src/core/replay/action.ts';
import { activity, answered, any, event } from './history.ts';
import { ScriptedInvoker, type ScriptedOrchestrator } from './scripted-invoker.ts';

export interface BranchTimes {
  /** ISO 8601, UTC. */
  readonly a: string;
  readonly b: string;
}

export class BranchingApp {
  readonly invoker: ScriptedInvoker;
  readonly #gates = new Map<string, Gate>();

  constructor(times: BranchTimes = { a: '2026-01-01T00:00:00Z', b: '2026-01-01T00:00:00Z' }) {
    this.invoker = new ScriptedInvoker({
      orchestrators: {
        Activities: branches((branch) => activity(`Do ${branch}`)),
        Timers: branches((branch) => ({
          kind: 'createTimer',
          fireAt: times[branch],
          isCanceled: false,
        })),
        Children: branches((branch, { instanceId }) =>
          child(`Child ${branch}`, `${instanceId}-${branch}`),
        ),
        SameChild: branches((branch, { instanceId }) =>
          child(`Child ${branch}`, `${instanceId}-child`),
        ),
        LongChildren: branches((branch, { instanceId }) =>
          child(`Generations ${branch}`, `${instanceId}-${branch}`),
        ),
        'Child a': once('Do a'),
        'Child b': once('Do b'),
        'Generations a': afterGenerations('Do a'),
        'Generations b': afterGenerations('Do b'),
      },
      activities: { 'Do a': () => this.#run('a'), 'Do b': () => this.#run('b') },
    });
  }

  /** What was asked for in a branch may end. */
  open(branch: 'a' | 'b'): void {
    this.#gate(branch).open();
  }

  async #run(branch: string): Promise<string> {
    await this.#gate(branch).opened;
    return `"${branch} is done"`;
  }

  #gate(branch: string): Gate {
    const gate = this.#gates.get(branch) ?? new Gate();
    this.#gates.set(branch, gate);
    return gate;
  }
}

class Gate {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

function child(functionName: string, instanceId: string): SdkAction {
  return { kind: 'callSubOrchestrator', functionName, instanceId, input: undefined, version: null };
}

function branches(
  ask: (branch: 'a' | 'b', of: { readonly instanceId: string }) => SdkAction,
): ScriptedOrchestrator {
  return ({ history, instanceId }) => {
    const first = any(event('a'), event('b'));
    const branch = history.find(({ EventType }) => EventType === 'EventRaised');
    if (branch?.EventType !== 'EventRaised') return answered([first]);
    const got = history.map(resultOf).find((result) => result !== undefined);
    const actions = [first, ask(branch.Name === 'a' ? 'a' : 'b', { instanceId })];
    return got === undefined
      ? answered(actions)
      : answered(actions, {
          isDone: true,
          output: JSON.stringify({ branch: branch.Name, got }),
        });
  };
}

function once(activityName: string): ScriptedOrchestrator {
  return ({ history }) => {
    const got = history.map(resultOf).find((result) => result !== undefined);
    return got === undefined
      ? answered([activity(activityName)])
      : answered([activity(activityName)], { isDone: true, output: JSON.stringify(got) });
  };
}

/** Continues as new twice before it asks. */
function afterGenerations(activityName: string): ScriptedOrchestrator {
  const last = once(activityName);
  return (invocation) => {
    const generation = Number(JSON.parse(invocation.input ?? 'null') ?? 0);
    if (generation >= 2) return last(invocation);
    return answered([{ kind: 'continueAsNew', input: generation + 1 }], { isDone: true });
  };
}

function resultOf(event: HistoryEvent): unknown {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      return JSON.parse(event.Result ?? 'null');
    case 'TimerFired':
      return new Date(event.FireAt).toISOString();
    default:
      return undefined;
  }
}

/** What an orchestrator asked for, as a history tells: each call with what became of it. Pure. */
import type { HistoryEvent } from './history-event.ts';

export interface FunctionCall {
  readonly kind: 'activity' | 'orchestrator' | 'entity';
  /** Of the function that was called; of an entity its name without the key. */
  readonly name: string;
  readonly outcome: 'completed' | 'failed' | 'open' | 'sent';
  /** From the question to the answer, a wait for a worker included; undefined where there is none. */
  readonly durationMs: number | undefined;
}

interface OpenCall {
  readonly kind: FunctionCall['kind'];
  readonly name: string;
  readonly sinceMs: number;
  outcome: FunctionCall['outcome'];
  durationMs: number | undefined;
}

const ENTITY_ID = /^@([^@]+)@/;

/** Each try of a retry is a call of its own. In the order in which they were made. */
export function callsOfHistory(history: readonly HistoryEvent[]): readonly FunctionCall[] {
  const calls: OpenCall[] = [];
  const tasks = new Map<number, OpenCall>();
  const requests = new Map<string, OpenCall>();
  const begin = (kind: OpenCall['kind'], name: string, sinceMs: number): OpenCall => {
    const call: OpenCall = { kind, name, sinceMs, outcome: 'open', durationMs: undefined };
    calls.push(call);
    return call;
  };
  const end = (call: OpenCall | undefined, outcome: 'completed' | 'failed', atMs: number): void => {
    if (call === undefined) return;
    call.outcome = outcome;
    // Clocks of workers differ.
    call.durationMs = Math.max(0, atMs - call.sinceMs);
  };
  for (const event of history) {
    const atMs = Date.parse(event.Timestamp);
    switch (event.EventType) {
      case 'TaskScheduled':
        tasks.set(event.EventId, begin('activity', event.Name, atMs));
        break;
      case 'SubOrchestrationInstanceCreated':
        tasks.set(event.EventId, begin('orchestrator', event.Name, atMs));
        break;
      case 'TaskCompleted':
      case 'SubOrchestrationInstanceCompleted':
        end(tasks.get(event.TaskScheduledId), 'completed', atMs);
        break;
      case 'TaskFailed':
      case 'SubOrchestrationInstanceFailed':
        end(tasks.get(event.TaskScheduledId), 'failed', atMs);
        break;
      case 'EventSent': {
        const [, name] = ENTITY_ID.exec(event.InstanceId) ?? [];
        if (name === undefined || !isRequest(event.Name)) break;
        const call = begin('entity', name, atMs);
        const id = answeredId(event.Input);
        if (id === undefined) call.outcome = 'sent';
        else requests.set(id, call);
        break;
      }
      case 'EventRaised':
        end(requests.get(event.Name), 'completed', atMs);
        break;
      default:
        break;
    }
  }
  return calls.map(({ kind, name, outcome, durationMs }) => ({ kind, name, outcome, durationMs }));
}

/** An operation, at once or at a time; the release of a lock is none. */
function isRequest(eventName: string): boolean {
  return eventName === 'op' || eventName.startsWith('op@');
}

/** Entities answer by an event that has the id of the request for its name; signals are not answered. */
function answeredId(input: string | null): string | undefined {
  const [, id] = /"id"\s*:\s*"([^"]+)"/.exec(input ?? '') ?? [];
  return /"signal"\s*:\s*true/.test(input ?? '') ? undefined : id;
}

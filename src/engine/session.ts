/** What the engine keeps of an instance between two of its messages, so that neither history nor status row is read again. */
import type { InstanceId } from '../core/ids.ts';
import type { OrchestrationExecution } from '../core/orchestration-execution.ts';
import type { HistoryToken } from './backend.ts';
import type { KeptOrchestrator } from './orchestrations/kept-orchestrator.ts';

/** Least of what a session knows. */
interface Kept {
  readonly instanceId: InstanceId;
  /** Of the work item that it was made or read for: it is of use to items of the same epoch alone. */
  readonly epoch: number;
}

export interface OrchestrationSession extends Kept {
  /** undefined when nothing is stored that could run. */
  execution: OrchestrationExecution | undefined;
  /** Of the execution. */
  orchestrator: KeptOrchestrator | undefined;
  token: HistoryToken | undefined;
  /** Whether the execution was read from storage, and not committed by this session itself. */
  isLoaded: boolean;
  /** Whether what was read is only the beginning of what should have been stored: see LoadedHistory. */
  isUnfinished: boolean;
  /** When this session last wrote the status row, in ms since the epoch. */
  rowWrittenMs: number;
  /** The custom status in the row as this session last wrote it; undefined when it never did. */
  rowCustomStatus: string | null | undefined;
}

/** The engine holds the history as objects, and the SDK's view of it comes on top: about this many bytes per character. */
const BYTES_PER_CHARACTER = 3;

export function orchestrationSessionBytes({ execution }: OrchestrationSession): number {
  return (execution?.state.payloadLength ?? 0) * BYTES_PER_CHARACTER;
}

/** Least recently used sessions go first when they hold more than `maxBytes` together. */
export class SessionCache<Session extends Kept> {
  readonly #maxBytes: number;
  readonly #bytesOf: (session: Session) => number;
  #bytes = 0;
  /** In the order of use, oldest first. */
  readonly #sessions = new Map<string, { session: Session; bytes: number }>();

  readonly #dropped: (session: Session) => void;

  /**
   * @param maxBytes 0 keeps nothing.
   * @param bytesOf about how much memory a session takes.
   * @param dropped is told each session that is not kept any more. @default nobody
   */
  constructor(
    maxBytes: number,
    bytesOf: (session: Session) => number,
    dropped: (session: Session) => void = () => undefined,
  ) {
    this.#maxBytes = maxBytes;
    this.#bytesOf = bytesOf;
    this.#dropped = dropped;
  }

  /** Takes a session out: while it is worked with, it is not here. One of another epoch is dropped. */
  take({ instanceId, epoch }: Kept): Session | undefined {
    const session = this.#remove(instanceId);
    return session?.epoch === epoch ? session : undefined;
  }

  put(session: Session): void {
    this.#remove(session.instanceId);
    const bytes = this.#bytesOf(session);
    if (bytes > this.#maxBytes) {
      this.#dropped(session);
      return;
    }
    this.#sessions.set(session.instanceId, { session, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#sessions) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#sessions.delete(oldest);
      this.#bytes -= entry.bytes;
      this.#dropped(entry.session);
    }
  }

  #remove(instanceId: InstanceId): Session | undefined {
    const entry = this.#sessions.get(instanceId);
    if (!entry) return undefined;
    this.#sessions.delete(instanceId);
    this.#bytes -= entry.bytes;
    return entry.session;
  }
}

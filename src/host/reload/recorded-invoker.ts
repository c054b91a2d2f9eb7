/**
 * Keeps a function that ends the process (a native crash, memory that runs out, a `kill -9`) from doing so for ever: each run of a
 * durable function is recorded, and what has ended the process several times is not run any more but refused: the engine sets
 * aside what asked for it, and whoever waits for it is told of a failure. Nothing that ends with its process on purpose counts: a reload, a stop.
 *
 * Who of those that ran at the end is to blame is not known at first. Work that was there twice runs alone among its like, so
 * that from then on only the one is blamed that is at it.
 */
import { createHash } from 'node:crypto';
import { Slots } from '../../base/slots.ts';
import { entityInstanceId } from '../../core/entity/entity-id.ts';
import type {
  EntityInvocation,
  EntityOutcome,
  FunctionInvoker,
  OrchestrationRun,
  OrchestratorInvocation,
} from '../../engine/function-invoker.ts';
import { activityFailure } from '../../function-app/activity-trigger.ts';
import { processEndedBefore } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { RecordedWork, RunRecord } from './run-record.ts';

/** After so many ends the work fails, and what asked for it is set aside. */
const DEFAULT_MAX_ENDS = 5;
/** Fewer would blame those that only ran beside it: they are there twice before each runs alone. */
const LEAST_MAX_ENDS = 3;
/** Of a digest; shorter texts are their own. */
const DIGEST_LENGTH = 43;
/** After so many it runs alone among its like. */
const ALONE_AFTER_ENDS = 2;

export interface RunRecordOptions {
  readonly record: RunRecord;
  readonly log: Logger;
  /** How often work may end the process, 3 times at least: who is to blame is known then. @default 5 */
  readonly maxEnds?: number | undefined;
}

export function withRunRecord(
  invoker: FunctionInvoker,
  options: RunRecordOptions,
): FunctionInvoker {
  return new RecordedInvoker(invoker, options);
}

interface HowToRun<Outcome> {
  readonly run: () => Promise<Outcome>;
  /** In place of a run, when what is to be run has ended the process too often. */
  readonly refuse: (message: string) => Outcome;
}

class RecordedInvoker implements FunctionInvoker {
  readonly #invoker: FunctionInvoker;
  readonly #record: RunRecord;
  readonly #log: Logger;
  readonly #maxEnds: number;
  readonly #alone = new Slots(1);
  /** By the last operation of a batch that is run one by one: the batch. */
  readonly #batches = new Map<string, string>();

  constructor(
    invoker: FunctionInvoker,
    { record, log, maxEnds = DEFAULT_MAX_ENDS }: RunRecordOptions,
  ) {
    this.#invoker = invoker;
    this.#record = record;
    this.#log = log;
    this.#maxEnds = Math.max(maxEnds, LEAST_MAX_ENDS);
  }

  get functions() {
    return this.#invoker.functions;
  }

  openOrchestration(invocation: OrchestratorInvocation): OrchestrationRun {
    const { functionName, instanceId, executionId } = invocation;
    const run = this.#invoker.openOrchestration(invocation);
    const work = { kind: 'orchestrator', functionName, instanceId } as const;
    const key = `orchestrator ${instanceId} ${executionId}`;
    return {
      get isReplayed() {
        return run.isReplayed;
      },
      feed: (events) =>
        this.#run(key, work, {
          run: () => run.feed(events),
          refuse: (reason) => ({ kind: 'refused', reason }),
        }),
      close: () => {
        run.close();
      },
    };
  }

  runActivity(
    invocation: Parameters<FunctionInvoker['runActivity']>[0],
  ): ReturnType<FunctionInvoker['runActivity']> {
    const { functionName, instanceId, input } = invocation;
    const work = { kind: 'activity', functionName, instanceId } as const;
    // By its input: a retry is the same work.
    const key = `activity ${instanceId} ${functionName} ${digest(input ?? '')}`;
    return this.#run(key, work, {
      run: () => this.#invoker.runActivity(invocation),
      refuse: (message) => ({
        ...activityFailure(functionName, withoutStack(message)),
        isRefused: true,
      }),
    });
  }

  /**
   * Operations that ran together when the process ended are run one by one: each is then counted by its own id, and the engine
   * repeats them like operations of which one is too slow.
   */
  async runEntity(invocation: EntityInvocation): Promise<EntityOutcome> {
    const { entityName, entityKey, operations } = invocation;
    const instanceId = entityInstanceId({ name: entityName, key: entityKey });
    const work = { kind: 'entity', functionName: entityName, instanceId } as const;
    const isBatch = operations.length > 1;
    const keyOf = (operationId: string): string => `entity ${instanceId} ${operationId}`;
    const key = keyOf(isBatch ? '' : (operations[0]?.id ?? ''));
    if (isBatch && this.#record.ends(key) > 0) {
      this.#batches.set(keyOf(operations.at(-1)?.id ?? ''), key);
      const message = endedText(work, this.#record.ends(key));
      return { kind: 'failed', message, mayPassOneByOne: true };
    }
    const outcome = await this.#run<EntityOutcome>(key, work, {
      run: () => this.#invoker.runEntity(invocation),
      refuse: (message) => ({ kind: 'failed', message, isRefused: true }),
    });
    const batch = this.#batches.get(key);
    if (batch !== undefined) this.#record.setEnds(batch, 0);
    this.#batches.delete(key);
    return outcome;
  }

  #run<Outcome>(key: string, work: RecordedWork, how: HowToRun<Outcome>): Promise<Outcome> {
    const ends = this.#record.ends(key);
    if (ends === 0) return this.#recorded(key, work, how.run);
    return this.#runAgain(key, work, how, ends);
  }

  async #runAgain<Outcome>(
    key: string,
    work: RecordedWork,
    { run, refuse }: HowToRun<Outcome>,
    ends: number,
  ): Promise<Outcome> {
    processEndedBefore(this.#log, { ...work, ends, isRefused: ends >= this.#maxEnds });
    if (ends >= this.#maxEnds) {
      // Whoever asks for it once more, such as a retry, gets one more try.
      this.#record.setEnds(key, this.#maxEnds - 1);
      return refuse(endedText(work, ends));
    }
    if (ends < ALONE_AFTER_ENDS) return await this.#recorded(key, work, run);
    await this.#alone.acquire();
    try {
      return await this.#recorded(key, work, run);
    } finally {
      this.#alone.release();
    }
  }

  #recorded<Outcome>(
    key: string,
    work: RecordedWork,
    run: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const ended = this.#record.begin(key, work);
    return run().then(
      (outcome) => {
        ended();
        return outcome;
      },
      (error: unknown) => {
        ended();
        throw error;
      },
    );
  }
}

function endedText({ kind, functionName }: RecordedWork, ends: number): string {
  return `The ${kind} '${functionName}' ended the process of the host ${ends} times while it ran, and is not run again`;
}

function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = '';
  return error;
}

function digest(text: string): string {
  if (text.length <= DIGEST_LENGTH) return text;
  return createHash('sha256').update(text).digest('base64url');
}

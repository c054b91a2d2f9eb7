/**
 * An orchestrator of durable-functions 2.x or 3.x, kept alive: the SDK's own entry is called once, with a history that has not
 * even begun, and then its executor is shown event after event. A message costs the same whatever came before.
 */
import { FairTurn } from '../../base/fair-turn.ts';
import type { OrchestratorAnswer, SdkAction } from '../../core/replay/action.ts';
import type { EventFeed, ShownEvent } from '../../core/replay/event-feed.ts';
import type { KeptCall, KeptCallEnd } from './kept-call.ts';
import {
  answerOfError,
  answerOfExecutor,
  answerOfResult,
  brokenAnswer,
  errorOfExecutor,
  withoutActions,
} from './orchestration-trigger.ts';
import { ActionParser } from './sdk-actions.ts';
import { SdkExecutor } from './sdk-executor.ts';
import { toSdkEvent } from './sdk-history.ts';

/** Runs user code where it belongs in its trace. */
export type BelowSpan = <T>(work: () => T, how: { readonly isReplay: boolean }) => T;

type Replays = 'replays' | 'replays, unknown';

export class FedRun {
  readonly #call: KeptCall;
  readonly #below: BelowSpan;
  readonly #parser = new ActionParser('nested');
  readonly #asked: SdkAction[] = [];
  #executor: SdkExecutor | undefined;
  /** Why nothing more is shown: the SDK, or what it was to be given, failed. */
  #broken: { readonly error: unknown } | undefined;

  constructor(call: KeptCall, below: BelowSpan = (work) => work()) {
    this.#call = call;
    this.#below = below;
  }

  /**
   * Calls the function itself, before anything is shown.
   * @returns undefined when it is an orchestrator that can be fed.
   */
  async #open(
    callFunction: () => Promise<unknown>,
  ): Promise<{ readonly result: unknown } | undefined> {
    const result = await callFunction();
    this.#executor = SdkExecutor.of(this.#call.context);
    if (!this.#executor) return { result };
    this.#call.followCalls(this.#executor.context);
    return undefined;
  }

  /**
   * See `OrchestrationRun.feed`.
   * @returns `replays` when the SDK can only replay whole histories, as 1.x, or one that is not known: then no event was taken.
   */
  async feed(events: EventFeed): Promise<OrchestratorAnswer | Replays> {
    let stranger: { readonly result: unknown } | undefined;
    let own: { readonly state: object } | { readonly error: Error } | undefined;
    const end = await this.#call.invoke(async (callFunction) => {
      if (!this.#executor) {
        stranger = await this.#open(() => this.#below(callFunction, { isReplay: true }));
      }
      const executor = this.#executor;
      if (!executor) return stranger?.result;
      await this.#showAll(executor, events);
      if (executor.hasReturned) this.#call.checkCalls();
      if (this.#broken) throw this.#broken.error;
      if (executor.thrown && !executor.isDone) {
        own = { error: errorOfExecutor(executor) };
        throw own.error;
      }
      own = { state: executor.state };
      return own.state;
    });
    const replays = stranger && replaysOf(stranger.result);
    if (replays !== undefined) return replays;
    // Also what the hooks kept from the orchestrator has happened.
    while (events.next(this.#asked));
    return this.#answerOf(end, own);
  }

  /** What the last feed gave to the output bindings. Rejects when an output cannot be written. */
  writeOutputs(): Promise<void> | undefined {
    return this.#call.writeOutputs();
  }

  close(): void {
    this.#executor = undefined;
    this.#asked.length = 0;
  }

  async #showAll(executor: SdkExecutor, events: EventFeed): Promise<void> {
    const turn = new FairTurn();
    for (
      let shown = events.next(this.#takeAsked(executor));
      shown;
      shown = events.next(this.#takeAsked(executor))
    ) {
      if (turn.isOver) await turn.pass();
      this.#show(executor, shown);
    }
  }

  #show(executor: SdkExecutor, { event, isPlayed }: ShownEvent): void {
    if (this.#broken || executor.hasEnded) return;
    try {
      const sdkEvent = toSdkEvent(event, isPlayed);
      const show = (): void => {
        executor.show(sdkEvent, isPlayed);
      };
      this.#call.watch(() => {
        this.#below(show, { isReplay: isPlayed });
      });
    } catch (error) {
      this.#broken = { error };
    }
  }

  #takeAsked(executor: SdkExecutor): readonly SdkAction[] {
    const { actions } = executor;
    try {
      while (!this.#broken && this.#asked.length < actions.length) {
        this.#asked.push(this.#parser.parse(actions[this.#asked.length]));
      }
    } catch (error) {
      this.#broken = { error };
    }
    return this.#asked;
  }

  /** @param own what the invocation ended with before the hooks had a look at it. */
  #answerOf(
    end: KeptCallEnd,
    own: { readonly state: object } | { readonly error: Error } | undefined,
  ): OrchestratorAnswer {
    try {
      const executor = this.#executor;
      const isOwn =
        own !== undefined &&
        (end.kind === 'threw'
          ? 'error' in own && end.error === own.error
          : 'state' in own && end.result === own.state);
      if (executor && isOwn) return answerOfExecutor(executor);
      return withoutActions(
        end.kind === 'threw' ? answerOfError(end.error) : answerOfResult(end.result),
      );
    } catch (error) {
      return withoutActions(brokenAnswer(error));
    }
  }
}

/** undefined when it is no answer of an SDK. */
function replaysOf(result: unknown): Replays | undefined {
  if (typeof result !== 'object' || result === null || !('actions' in result)) return undefined;
  return 'schemaVersion' in result ? 'replays, unknown' : 'replays';
}

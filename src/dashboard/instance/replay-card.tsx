/** Whether today's code of the orchestrator would go on with the instance; asked for by hand, as the host runs that code for it. */
import { useSignal, type Signal } from '@preact/signals';
import { callApi } from '../api.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { askedText, recordedText, type ReplayAnswer, verdictText } from './replay-text.ts';

export function ReplayCard(props: {
  readonly instanceId: string;
  /** How many events there are now: an answer may be about fewer. */
  readonly eventCount: number;
  readonly answer: Signal<ReplayAnswer | undefined>;
  /** Somebody wants to see the event at this place of the history. */
  readonly onOpen: (index: number) => void;
}) {
  const { instanceId, eventCount, answer, onOpen } = props;
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const ask = async (): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      const { body } = await callApi(['instances', instanceId, 'replay']);
      answer.value = body as unknown as ReplayAnswer;
      problem.value = undefined;
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    } finally {
      isBusy.value = false;
    }
  };
  const told = answer.value;
  return (
    <section class="card" aria-label="Replay">
      <header>
        <h2>Replay</h2>
        <button type="button" aria-disabled={isBusy.value} onClick={() => void ask()}>
          <Icon name="refresh" />{' '}
          {told === undefined ? 'Replay against today’s code' : 'Replay again'}
        </button>
      </header>
      <div class="card-text" role="status">
        <Problem text={problem.value} />
        {told === undefined ? (
          <p class="muted">
            {isBusy.value
              ? 'The history is replayed …'
              : 'Would the orchestrator, as it is deployed now, go on with this history? Its code is run over it; no activity runs, and nothing is changed.'}
          </p>
        ) : (
          <Verdict told={told} eventCount={eventCount} onOpen={onOpen} />
        )}
      </div>
    </section>
  );
}

function Verdict(props: {
  readonly told: ReplayAnswer;
  readonly eventCount: number;
  readonly onOpen: (index: number) => void;
}) {
  const { told, eventCount, onOpen } = props;
  const { verdict, reason, step } = told;
  const { title, text } = verdictText(told);
  const index = step?.index ?? null;
  return (
    <>
      <p>
        <strong class={`verdict verdict-${verdict}`}>{title}</strong> {text}
      </p>
      {step !== null && (
        <dl class="replay-step">
          <dt>The history has</dt>
          <dd>{recordedText(step)}</dd>
          <dt>Today’s code asks for</dt>
          <dd>{askedText(step)}</dd>
        </dl>
      )}
      {reason !== null && <p class="muted replay-reason">{reason}</p>}
      {index !== null && (
        <p>
          <button
            type="button"
            onClick={() => {
              onOpen(index);
            }}
          >
            Show event {index.toLocaleString('en')}
          </button>
        </p>
      )}
      {eventCount > told.eventCount && (
        <p class="note">
          The history has gone on since: {(eventCount - told.eventCount).toLocaleString('en')} more
          events.
        </p>
      )}
    </>
  );
}

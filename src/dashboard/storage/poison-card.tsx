/** Messages that were tried in vain and set aside: looked at, put back, dropped. Not there where there are none. */
import { useSignal } from '@preact/signals';
import { ApiError, callApi } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { type Polled, usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { Ago } from '../parts/time.tsx';
import { mayChange, mayDestroy } from '../shell/session.ts';
import { MessageDialog } from './messages-card.tsx';
import { InstanceLink } from '../parts/instance-link.tsx';
import type { PoisonSummary } from './storage-answers.ts';

const EVERY_MS = 10_000;
const SHOWN = 50;

export function usePoison(): Polled<readonly PoisonSummary[]> {
  return usePolled(['poison'], () => ({ top: SHOWN }), [], { everyMs: EVERY_MS });
}

export function PoisonCard({ poison }: { readonly poison: ReturnType<typeof usePoison> }) {
  const { answer, refresh } = poison;
  const problem = useSignal<string | undefined>(undefined);
  const dropped = useSignal<PoisonSummary | undefined>(undefined);
  const body = useSignal<string | undefined>(undefined);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    problem.value = undefined;
    try {
      await work();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      problem.value = failure.message;
    }
  };
  const change = (id: string, how: 'replay' | 'drop'): Promise<void> =>
    attempt(async () => {
      if (how === 'drop') await callApi(['poison', id], { method: 'DELETE' });
      else await callApi(['poison', id, 'replay'], { method: 'POST' });
      await refresh();
    });
  const look = (id: string): Promise<void> =>
    attempt(async () => {
      const answered = (await callApi(['poison', id])).body as { readonly body: string };
      body.value = answered.body;
    });
  const all = answer.value ?? [];
  if (all.length === 0 && problem.value === undefined) return null;
  return (
    <section class="card" aria-label="Messages set aside">
      <header>
        <h2>Messages set aside</h2>
        <span class="muted">{all.length === SHOWN ? `the first ${SHOWN}` : all.length}</span>
      </header>
      {problem.value !== undefined && (
        <div class="card-text">
          <Problem text={problem.value} />
        </div>
      )}
      <div data-list>
        {all.map((message) => (
          <article key={message.id} class="poison" aria-label={message.reason}>
            <div>
              <button type="button" class="link" onClick={() => void look(message.id)}>
                {message.eventType ?? 'unreadable'}
              </button>{' '}
              {message.instanceId !== null && <InstanceLink id={message.instanceId} />}
              <p class="poison-reason">{message.reason}</p>
              <p class="muted">
                from {message.origin}, after {message.dequeueCount}{' '}
                {message.dequeueCount === 1 ? 'try' : 'tries'}, <Ago time={message.setAsideTime} />
              </p>
            </div>
            <span class="poison-buttons">
              {mayChange.value && (
                <button type="button" onClick={() => void change(message.id, 'replay')}>
                  Replay
                </button>
              )}
              {mayDestroy.value && (
                <button
                  type="button"
                  class="danger-quiet"
                  onClick={() => (dropped.value = message)}
                >
                  Drop
                </button>
              )}
            </span>
          </article>
        ))}
      </div>
      {body.value !== undefined && (
        <MessageDialog body={body.value} onClose={() => (body.value = undefined)} />
      )}
      {dropped.value && (
        <DropDialog
          message={dropped.value}
          onAnswer={(isSure) => {
            const id = dropped.value?.id ?? '';
            dropped.value = undefined;
            if (isSure) void change(id, 'drop');
          }}
        />
      )}
    </section>
  );
}

function DropDialog(props: {
  readonly message: PoisonSummary;
  readonly onAnswer: (isSure: boolean) => void;
}) {
  const { message, onAnswer } = props;
  const cancel = (): void => {
    onAnswer(false);
  };
  return (
    <Dialog title="Drop the message?" onClose={cancel}>
      <div class="stack">
        <p>It is gone for good then: {message.reason}</p>
        <div class="dialog-buttons">
          <button type="button" autofocus onClick={cancel}>
            Cancel
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => {
              onAnswer(true);
            }}
          >
            Drop
          </button>
        </div>
      </div>
    </Dialog>
  );
}

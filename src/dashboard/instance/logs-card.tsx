/** What the host that answers has logged about the instance: the latest lines that it still has in memory. */
import { useSignal } from '@preact/signals';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { wholeTime } from '../parts/time.tsx';

const EVERY_MS = 3_000;
const LINES = 500;

/** As GET …/logs tells. */
interface Logs {
  readonly since: string;
  readonly lines: readonly {
    readonly time: string;
    readonly level: string;
    readonly category: string;
    readonly message: string;
  }[];
}

/** Nothing is asked for until somebody opens it. */
export function LogsCard({ instanceId }: { readonly instanceId: string }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="card folded"
      aria-label="Logs"
      onToggle={(event) => (isOpen.value = event.currentTarget.open)}
    >
      <summary>
        <h2>Logs of this host</h2>
      </summary>
      {isOpen.value && <Lines instanceId={instanceId} />}
    </details>
  );
}

function Lines({ instanceId }: { readonly instanceId: string }) {
  const { answer, error } = usePolled<Logs>(
    ['instances', instanceId, 'logs'],
    () => ({ top: LINES }),
    [instanceId],
    { everyMs: EVERY_MS },
  );
  const told = answer.value;
  if (told === undefined) {
    return error.value === undefined ? null : (
      <div class="card-text">
        <Problem text={error.value} />
      </div>
    );
  }
  const { lines, since } = told;
  return (
    <>
      <Problem text={error.value} />
      <p class="card-text muted">
        {lines.length === 0
          ? 'This host has logged nothing about this instance'
          : lines.length === LINES
            ? `The latest ${LINES} lines`
            : `${lines.length.toLocaleString('en')} ${lines.length === 1 ? 'line' : 'lines'}`}{' '}
        since {wholeTime(since)}. Only what the process that answers has logged from then on is
        here: other workers, and what was before, are in the log of the app.
      </p>
      {lines.length > 0 && (
        <ol class="log-lines" tabIndex={0} aria-label="Lines">
          {lines.map(({ time, level, category, message }, n) => (
            <li key={n} class={`log-line log-${level}`}>
              <time class="muted" dateTime={time} title={`${wholeTime(time)}, ${category}`}>
                {wholeTime(time).slice('2026-01-01 '.length)}
              </time>
              <span class="log-level">{level === 'information' ? 'info' : level}</span>
              <span class="log-message">{message}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

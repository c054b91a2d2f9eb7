/** One event with all that it has, and the one that answers it where they are one row; payloads as the JSON that they are. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { HistoryEvent } from '../../core/history-event.ts';
import { parseExact, type Json } from '../exact-json.ts';
import { JsonCard } from '../parts/json-view.tsx';
import { Problem } from '../parts/problem.tsx';
import { ReadingDialog } from '../parts/reading-dialog.tsx';
import type { InstanceHistory } from './instance-history.ts';

export function EventDetails(props: {
  readonly history: InstanceHistory;
  readonly index: number;
  readonly answerIndex?: number | undefined;
  readonly onClose: () => void;
}) {
  const { history, index, answerIndex, onClose } = props;
  const indexes = answerIndex === undefined ? [index] : [index, answerIndex];
  const events = useSignal<readonly (HistoryEvent | undefined)[]>([]);
  const problem = useSignal<string | undefined>(undefined);
  useEffect(() => {
    Promise.all(indexes.map((each) => history.readWhole(each))).then(
      (whole) => (events.value = whole),
      (error: unknown) => (problem.value = error instanceof Error ? error.message : String(error)),
    );
  }, [history, index, answerIndex]);
  return (
    <ReadingDialog title={events.value[0]?.EventType ?? `Event ${index}`} onClose={onClose}>
      <Problem text={problem.value} />
      {events.value.map(
        (event, n) =>
          event && (
            <JsonCard
              key={indexes[n]}
              title={
                indexes.length === 1 ? `Event ${index}` : `Event ${indexes[n]}, ${event.EventType}`
              }
              value={shown(event)}
            />
          ),
      )}
    </ReadingDialog>
  );
}

/** Without what is empty. */
function shown(event: HistoryEvent): Json {
  const members = Object.entries(event as unknown as Readonly<Record<string, Json>>)
    .filter(([name, value]) => value !== null && name !== 'IsPlayed')
    .map(([name, value]) => [name, PAYLOADS.has(name) ? unpacked(value) : value] as const);
  return Object.fromEntries(members);
}

const PAYLOADS: ReadonlySet<string> = new Set(['Input', 'Result', 'Data']);

function unpacked(value: Json): Json {
  if (typeof value !== 'string') return value;
  try {
    return parseExact(value);
  } catch {
    // A reason, or what a client has sent: a text.
    return value;
  }
}

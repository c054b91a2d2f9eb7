/** The first messages of a queue; none is taken. */
import { useSignal } from '@preact/signals';
import { parseExact } from '../exact-json.ts';
import { JsonCard } from '../parts/json-view.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { ReadingDialog } from '../parts/reading-dialog.tsx';
import { TableCard } from '../parts/table-card.tsx';
import { Ago, DueIn } from '../parts/time.tsx';
import { InstanceLink } from '../parts/instance-link.tsx';
import type { Messages, QueuedMessage } from './storage-answers.ts';

const EVERY_MS = 5_000;

export function MessagesCard(props: {
  readonly queue: string;
  /** What the page says has gone wrong: once will do. */
  readonly saidAlready: string | undefined;
}) {
  const { queue, saidAlready } = props;
  const opened = useSignal<QueuedMessage | undefined>(undefined);
  const path = ['storage', 'queues', queue, 'messages'];
  const how = { everyMs: EVERY_MS };
  const waiting = usePolled<Messages>(path, () => ({}), [queue], how);
  const due = usePolled<Messages>(path, () => ({ due: true }), [queue], how);
  const later = due.answer.value?.messages;
  const rows = [...(waiting.answer.value?.messages ?? []), ...(later ?? [])];
  return (
    <>
      <Problem text={waiting.error.value === saidAlready ? undefined : waiting.error.value} />
      <TableCard
        title={`Messages in ${queue}`}
        note={
          later === null
            ? 'The first 32. Those that are due later, or in the hands of a worker, storage does not show.'
            : 'The first 32 that wait, and the first 32 that are due later.'
        }
        columns={['Message', 'Instance', 'Put', 'Due', 'Deliveries']}
        texts={4}
        empty={rows.length === 0 && (waiting.answer.value === undefined ? 'loading …' : 'None.')}
      >
        {rows.map((message, n) => (
          <tr key={n}>
            <td>
              <button
                type="button"
                class="link"
                onClick={() => {
                  opened.value = message;
                }}
              >
                {message.eventType ?? 'unreadable'} {message.name}
              </button>
            </td>
            <td>{message.instanceId !== null && <InstanceLink id={message.instanceId} />}</td>
            <td>{message.insertedTime !== null && <Ago time={message.insertedTime} />}</td>
            <td>{message.dueTime !== null && <DueIn time={message.dueTime} />}</td>
            <td>{message.dequeueCount}</td>
          </tr>
        ))}
      </TableCard>
      {opened.value && (
        <MessageDialog body={opened.value.body} onClose={() => (opened.value = undefined)} />
      )}
    </>
  );
}

/** @param props.body JSON, as a rule; a long one is cut. */
export function MessageDialog(props: { readonly body: string; readonly onClose: () => void }) {
  const { body, onClose } = props;
  return (
    <ReadingDialog title="Message" onClose={onClose}>
      <JsonCard title="As it is stored" value={readable(body)} openLevels={4} />
    </ReadingDialog>
  );
}

function readable(body: string) {
  try {
    return parseExact(body);
  } catch {
    // Cut, or never any JSON: shown as the text that it is.
    return body;
  }
}

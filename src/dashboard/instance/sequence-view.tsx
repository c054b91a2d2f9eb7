/** The sequence diagram: a column for each who takes part, an arrow for each message. Drawn when somebody opens it. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { HistoryEvent } from '../../core/history-event.ts';
import { useCompact } from '../parts/compact.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { durationText } from '../parts/time.tsx';
import { type Actor, type Message, type Sequence, sequenceOf } from './sequence.ts';

const FIRST_MESSAGES = 100;
const MAX_MESSAGES = 1_000;
const ROW_PX = 34;
const GUTTER_PX = 70;
/** How wide a letter is, at the most, as a rule. */
const LETTER_PX = 6.6;

const ICONS: Readonly<Record<Actor['kind'], IconName>> = {
  outside: 'bell',
  orchestrator: 'list',
  activity: 'play',
  child: 'branch',
  entity: 'cube',
  others: 'list',
};

export function SequenceCard(props: {
  readonly events: readonly HistoryEvent[];
  readonly onOpen: (index: number) => void;
}) {
  const isOpen = useSignal(false);
  return (
    <details
      class="card folded"
      aria-label="Sequence"
      onToggle={(event) => (isOpen.value = event.currentTarget.open)}
    >
      <summary>
        <h2>Sequence diagram</h2>
      </summary>
      {isOpen.value && <Diagram {...props} />}
    </details>
  );
}

function Diagram(props: {
  readonly events: readonly HistoryEvent[];
  readonly onOpen: (index: number) => void;
}) {
  const { events, onOpen } = props;
  const shown = useSignal(FIRST_MESSAGES);
  const columnPx = useCompact() ? 124 : 152;
  const sequence = useMemo(() => sequenceOf(events, shown.value), [events, shown.value]);
  const { actors, messages, total } = sequence;
  const widthPx = GUTTER_PX + actors.length * columnPx;
  return (
    <>
      <div class="sequence" tabIndex={0} role="group" aria-label="Sequence diagram">
        <div class="sequence-all" style={{ width: `${widthPx}px` }}>
          <div class="sequence-head" style={{ paddingLeft: `${GUTTER_PX}px` }}>
            {actors.map(({ kind, label }, n) => (
              <span key={n} title={label} style={{ width: `${columnPx}px` }}>
                <Icon name={ICONS[kind]} /> <span>{label}</span>
              </span>
            ))}
          </div>
          <Arrows sequence={sequence} columnPx={columnPx} widthPx={widthPx} onOpen={onOpen} />
        </div>
      </div>
      {messages.length < total && (
        <p class="card-text muted">
          The first {messages.length.toLocaleString('en')} of {total.toLocaleString('en')} messages.{' '}
          {shown.value < MAX_MESSAGES ? (
            <button type="button" onClick={() => (shown.value = MAX_MESSAGES)}>
              Show {(Math.min(total, MAX_MESSAGES) - messages.length).toLocaleString('en')} more
            </button>
          ) : (
            'The history below has all of it.'
          )}
        </p>
      )}
    </>
  );
}

function Arrows(props: {
  readonly sequence: Sequence;
  readonly columnPx: number;
  readonly widthPx: number;
  readonly onOpen: (index: number) => void;
}) {
  const { sequence, columnPx, widthPx, onOpen } = props;
  const { actors, messages } = sequence;
  const heightPx = messages.length * ROW_PX + 12;
  const xOf = (column: number): number => GUTTER_PX + (column + 0.5) * columnPx;
  const startMs = messages[0]?.atMs ?? 0;
  return (
    <svg
      width={widthPx}
      height={heightPx}
      role="img"
      aria-label={`${messages.length} messages between ${actors.map(({ label }) => label).join(', ')}; the history has them as a list.`}
    >
      {actors.map((_actor, n) => (
        <line key={n} class="lifeline" x1={xOf(n)} x2={xOf(n)} y1={0} y2={heightPx} />
      ))}
      {messages.map((message, n) => (
        <Arrow
          key={message.index}
          message={message}
          x1={xOf(message.from)}
          x2={xOf(message.to)}
          y={(n + 1) * ROW_PX - 8}
          columnPx={columnPx}
          sinceMs={message.atMs - startMs}
          onOpen={onOpen}
        />
      ))}
    </svg>
  );
}

function Arrow(props: {
  readonly message: Message;
  readonly x1: number;
  readonly x2: number;
  readonly y: number;
  readonly columnPx: number;
  readonly sinceMs: number;
  readonly onOpen: (index: number) => void;
}) {
  const { message, x1, x2, y, columnPx, sinceMs, onOpen } = props;
  const { kind, text, count, index } = message;
  const whole = count === 1 ? text : `${count.toLocaleString('en')} × ${text} …`;
  const isOwn = x1 === x2;
  const roomPx = isOwn ? columnPx + columnPx / 2 : Math.abs(x2 - x1);
  const label = shortened(whole, Math.floor((roomPx - 16) / LETTER_PX));
  const ahead = x2 > x1 ? -1 : 1;
  const line = isOwn ? `M${x1} ${y - 12}h20v12h-20` : `M${x1} ${y}H${x2}`;
  const tip = isOwn
    ? `M${x1 + 6} ${y - 4}l-6 4 6 4`
    : `M${x2 + ahead * 7} ${y - 4}L${x2} ${y}l${ahead * 7} 4`;
  return (
    <g
      class={`message message-${kind}`}
      onClick={() => {
        onOpen(index);
      }}
    >
      <title>{whole}</title>
      <rect class="message-ground" x={0} y={y - 24} width="100%" height={ROW_PX} />
      <text class="message-time" x={GUTTER_PX - 10} y={y + 4}>
        +{durationText(sinceMs)}
      </text>
      <path class="message-line" d={line} />
      <path class="message-tip" d={tip} />
      <text
        class="message-text"
        x={isOwn ? x1 + 28 : (x1 + x2) / 2}
        y={isOwn ? y - 2 : y - 6}
        text-anchor={isOwn ? 'start' : 'middle'}
      >
        {label}
      </text>
    </g>
  );
}

/** No half of a letter that takes two. */
function shortened(text: string, letters: number): string {
  const line = text.slice(0, 4 * letters).replace(/\s+/g, ' ');
  if (line.length <= letters) return line;
  const end = Math.max(1, letters - 1);
  const isCut = /[\uD800-\uDBFF]/.test(line.charAt(end - 1));
  return `${line.slice(0, isCut ? end - 1 : end)}…`;
}

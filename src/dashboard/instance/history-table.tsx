/** The history: all events as they are stored, or each request and its answer in one row. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { HistoryEvent } from '../../core/history-event.ts';
import { useCompact } from '../parts/compact.ts';
import { durationText, wholeTime } from '../parts/time.tsx';
import { rowId, VirtualRows } from '../parts/virtual-rows.tsx';
import { mergedRows, rawRows, type HistoryRow } from './merged-history.ts';

const ROW_PX = 33;
const COMPACT_ROW_PX = 56;
const MAX_DETAIL_LENGTH = 200;

export interface HistoryTableProps {
  readonly events: readonly HistoryEvent[];
  readonly isMerged: boolean;
  /** Where today's code does something else, and what. */
  readonly differing: { readonly index: number; readonly text: string } | undefined;
  readonly onOpen: (index: number, answerIndex: number | undefined) => void;
}

export function HistoryTable({ events, isMerged, differing, onOpen }: HistoryTableProps) {
  const active = useSignal(-1);
  const rows = useMemo(() => (isMerged ? mergedRows : rawRows)(events), [events, isMerged]);
  const differingRow =
    differing === undefined
      ? -1
      : rows.findIndex(({ index, answer }) => [index, answer?.index].includes(differing.index));
  // It is looked for in a long history otherwise.
  useEffect(() => {
    active.value = differingRow;
  }, [differing?.index, isMerged]);
  const open = (row: HistoryRow | undefined): void => {
    if (row !== undefined) onOpen(row.index, row.answer?.index);
  };
  const startMs = Date.parse(events[0]?.Timestamp ?? '');
  const isCompact = useCompact();
  return (
    <section class="grid history" aria-label="History">
      <VirtualRows
        label="Events. Arrows move, enter shows the whole event."
        rows={rows}
        rowHeightPx={isCompact ? COMPACT_ROW_PX : ROW_PX}
        keyOf={({ index }) => `event-${index}`}
        activeIndex={active.value}
        onMove={(index) => (active.value = index)}
        onKey={(event) => {
          if (event.key !== 'Enter') return;
          // The dialog has a button, which is not what was pressed.
          event.preventDefault();
          open(rows[active.value]);
        }}
        onEnd={() => undefined}
        renderRow={(row, n) => (
          <div
            key={row.index}
            id={rowId(`event-${row.index}`)}
            role="row"
            aria-rowindex={n + 1}
            class={rowClass(row, active.value === n, differingRow === n, isMerged)}
            onClick={() => {
              active.value = n;
              open(row);
            }}
          >
            <span role="gridcell" class="event-number muted">
              {row.index}
            </span>
            <span role="gridcell" class="event-time muted" title={wholeTime(row.event.Timestamp)}>
              +{durationText(Date.parse(row.event.Timestamp) - startMs)}
            </span>
            <span role="gridcell" class="event-type">
              {row.request ?? row.event.EventType}
            </span>
            {isMerged && (
              <span role="gridcell" class="event-duration">
                {row.durationMs === undefined ? '' : durationText(row.durationMs)}
              </span>
            )}
            <span role="gridcell" class="event-detail">
              {differing !== undefined && differingRow === n && (
                <strong class="badge badge-differing">today’s code: {differing.text}</strong>
              )}{' '}
              {detailOf(row.event)}
              {row.request !== undefined && <Answer row={row} />}
            </span>
          </div>
        )}
      />
    </section>
  );
}

function Answer({ row: { answer } }: { readonly row: HistoryRow }) {
  if (answer === undefined) return <span class="muted"> not answered</span>;
  const text = answerOf(answer.event);
  return text === '' ? null : (
    <>
      <span class="muted"> → </span>
      {text.slice(0, MAX_DETAIL_LENGTH)}
    </>
  );
}

function rowClass(
  { event, answer }: HistoryRow,
  isActive: boolean,
  isDiffering: boolean,
  isMerged: boolean,
): string {
  const classes = ['event', isMerged && 'is-merged', isActive && 'is-active'];
  const problem = isTroubled(answer?.event ?? event) && 'problem';
  return [...classes, isDiffering && 'is-differing', problem].filter(Boolean).join(' ');
}

function isTroubled({ EventType }: HistoryEvent): boolean {
  return EventType.endsWith('Failed') || EventType === 'ExecutionTerminated';
}

/** What an event is about, in one line. */
function detailOf(event: HistoryEvent): string {
  switch (event.EventType) {
    case 'ExecutionStarted':
    case 'TaskScheduled':
    case 'EventRaised':
      return line(event.Name, event.Input);
    case 'SubOrchestrationInstanceCreated':
    case 'EventSent':
      return line(`${event.Name} → ${event.InstanceId}`, event.Input);
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      return line(`of ${event.TaskScheduledId}`, event.Result);
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed':
      return line(`of ${event.TaskScheduledId}`, event.Reason);
    case 'TimerCreated':
    case 'TimerFired':
      return `due ${wholeTime(event.FireAt)}`;
    case 'ExecutionCompleted':
    case 'ContinueAsNew':
      return line(event.OrchestrationStatus, event.Result);
    case 'ExecutionTerminated':
      return line('', event.Input);
    case 'ExecutionSuspended':
    case 'ExecutionResumed':
    case 'ExecutionRewound':
      return line('', event.Reason);
    case 'GenericEvent':
      return line('', event.Data);
    case 'OrchestratorStarted':
    case 'OrchestratorCompleted':
    case 'HistoryState':
      return '';
  }
}

/** What was answered; that it was is enough of timers and steps. */
function answerOf(event: HistoryEvent): string {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      return event.Result ?? '';
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed':
      return event.Reason ?? '';
    case 'EventRaised':
      return event.Input ?? '';
    default:
      return '';
  }
}

function line(name: string, payload: string | null): string {
  return [name, (payload ?? '').slice(0, MAX_DETAIL_LENGTH)]
    .filter((each) => each !== '')
    .join('  ');
}

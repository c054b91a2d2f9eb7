/** All events of a history, as they are stored. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { HistoryEvent } from '../../core/history-event.ts';
import { useCompact } from '../parts/compact.ts';
import { durationText, wholeTime } from '../parts/time.tsx';
import { rowId, VirtualRows } from '../parts/virtual-rows.tsx';

const ROW_PX = 33;
const COMPACT_ROW_PX = 56;
const MAX_DETAIL_LENGTH = 200;

export interface HistoryTableProps {
  readonly events: readonly HistoryEvent[];
  /** Where today's code does something else, and what. */
  readonly differing: { readonly index: number; readonly text: string } | undefined;
  readonly onOpen: (index: number) => void;
}

export function HistoryTable({ events, differing, onOpen }: HistoryTableProps) {
  const active = useSignal(-1);
  // It is looked for in a long history otherwise.
  useEffect(() => {
    if (differing !== undefined) active.value = differing.index;
  }, [differing?.index]);
  const startMs = Date.parse(events[0]?.Timestamp ?? '');
  const isCompact = useCompact();
  return (
    <section class="grid history" aria-label="History">
      <VirtualRows
        label="Events. Arrows move, enter shows the whole event."
        rows={events}
        rowHeightPx={isCompact ? COMPACT_ROW_PX : ROW_PX}
        keyOf={(_event, index) => `event-${index}`}
        activeIndex={active.value}
        onMove={(index) => (active.value = index)}
        onKey={(event) => {
          if (event.key === 'Enter' && active.value >= 0) onOpen(active.value);
        }}
        onEnd={() => undefined}
        renderRow={(event, index) => (
          <div
            key={index}
            id={rowId(`event-${index}`)}
            role="row"
            aria-rowindex={index + 1}
            class={rowClass(event, active.value === index, differing?.index === index)}
            onClick={() => {
              active.value = index;
              onOpen(index);
            }}
          >
            <span role="gridcell" class="event-number muted">
              {index}
            </span>
            <span role="gridcell" class="event-time muted" title={wholeTime(event.Timestamp)}>
              +{durationText(Date.parse(event.Timestamp) - startMs)}
            </span>
            <span role="gridcell" class="event-type">
              {event.EventType}
            </span>
            <span role="gridcell" class="event-detail">
              {differing?.index === index && (
                <strong class="badge badge-differing">today’s code: {differing.text}</strong>
              )}{' '}
              {detailOf(event)}
            </span>
          </div>
        )}
      />
    </section>
  );
}

function rowClass(event: HistoryEvent, isActive: boolean, isDiffering: boolean): string {
  const classes = ['event', isActive && 'is-active', isDiffering && 'is-differing'];
  return [...classes, isTroubled(event) && 'problem'].filter(Boolean).join(' ');
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

function line(name: string, payload: string | null): string {
  return [name, (payload ?? '').slice(0, MAX_DETAIL_LENGTH)]
    .filter((each) => each !== '')
    .join('  ');
}

/** The lanes of an instance, one row each, on one scale of time. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useCompact } from '../parts/compact.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { durationText, wholeTime } from '../parts/time.tsx';
import { VirtualRows, rowId } from '../parts/virtual-rows.tsx';
import { routeHref } from '../route.ts';
import type { ChildHistories } from './child-histories.ts';
import { busyRows, type LaneRow, laneRows, type OpenChild } from './lane-rows.ts';
import { timeScale, type TimeScale } from './time-scale.ts';
import type { Lane, LaneKind, Timeline } from './timeline.ts';

const ROW_PX = 30;
/** More lanes than that scroll. */
const MAX_ROWS = 16;
const TICKS = 5;
const COMPACT_TICKS = 2;
/** Of what belongs to a child. */
const INDENT_PX = 16;

const ICONS: Readonly<Record<LaneKind, IconName>> = {
  orchestrator: 'list',
  activity: 'play',
  child: 'branch',
  timer: 'clock',
  event: 'bell',
  entity: 'cube',
};

export interface TimelineViewProps {
  readonly timeline: Timeline;
  /** Children whose lanes are shown below their own. */
  readonly childHistories: ChildHistories;
  /** The same as they are drawn. */
  readonly open: ReadonlyMap<string, OpenChild>;
  /** Where today's code differs: the lane that begins with this event. */
  readonly differingIndex: number | undefined;
  /** Somebody wants to see the event at this place of a history. @param owner of a child; undefined for the instance itself */
  readonly onOpen: (index: number, owner: string | undefined) => void;
}

export function TimelineView(props: TimelineViewProps) {
  const { timeline, childHistories, open, differingIndex, onOpen } = props;
  const cutsGaps = useSignal(true);
  const zoom = useSignal(1);
  const active = useSignal(-1);
  const busy = useMemo(() => busyRows(timeline, open), [timeline, open]);
  const scale = useMemo(
    () => timeScale(timeline.whole, busy, { cutsGaps: cutsGaps.value }),
    [timeline, busy, cutsGaps.value],
  );
  const rows = useMemo(() => laneRows(timeline, open), [timeline, open]);
  const height = Math.min(MAX_ROWS, rows.length) * ROW_PX;
  const onKey = (event: KeyboardEvent): void => {
    const row = rows[active.value];
    const lane = row?.lane;
    if (lane === undefined) return;
    const { instanceId } = lane;
    if (event.key === 'Enter' && lane.index >= 0) {
      // The dialog has a button, which is not what was pressed.
      event.preventDefault();
      onOpen(lane.index, row?.owner);
    }
    const wants = event.key === 'ArrowRight' ? false : event.key === 'ArrowLeft' ? true : undefined;
    if (instanceId === undefined || wants === undefined || row?.isOpen !== wants) return;
    event.preventDefault();
    childHistories.toggle(instanceId);
  };
  return (
    <section class="card" aria-label="Timeline">
      <header>
        <h2>Timeline</h2>
        <div class="timeline-tools">
          <Legend />
          <label>
            <input
              type="checkbox"
              checked={cutsGaps.value}
              onChange={(event) => (cutsGaps.value = event.currentTarget.checked)}
            />{' '}
            Cut idle time
          </label>
          <input
            type="range"
            min="1"
            max="20"
            step="0.5"
            aria-label="Zoom"
            title="Zoom"
            value={zoom.value}
            onInput={(event) => (zoom.value = Number(event.currentTarget.value))}
          />
        </div>
      </header>
      <div class="timeline" tabIndex={0} role="group" aria-label="Lanes">
        <div
          class="timeline-all"
          style={{ width: `${zoom.value * 100}%`, height: `${height + 28}px` }}
        >
          <Ruler timeline={timeline} scale={scale} />
          <VirtualRows
            label="Lanes. Arrows move, enter shows the event, right and left open and close a child."
            rows={rows}
            rowHeightPx={ROW_PX}
            keyOf={({ key }) => key}
            activeIndex={active.value}
            onMove={(index) => (active.value = index)}
            onKey={onKey}
            onEnd={() => undefined}
            renderRow={(row, n) => (
              <Row
                key={row.key}
                row={row}
                number={n}
                scale={scale}
                isActive={n === active.value}
                isDiffering={row.depth === 0 && row.lane?.index === differingIndex}
                childHistories={childHistories}
                onOpen={onOpen}
              />
            )}
          />
        </div>
      </div>
    </section>
  );
}

interface RowProps {
  readonly row: LaneRow;
  readonly number: number;
  readonly scale: TimeScale;
  readonly isActive: boolean;
  readonly isDiffering: boolean;
  readonly childHistories: ChildHistories;
  readonly onOpen: TimelineViewProps['onOpen'];
}

function Row(props: RowProps) {
  const { row, number } = props;
  if (row.lane !== undefined) return <LaneOf {...props} lane={row.lane} />;
  return (
    <div id={rowId(row.key)} role="row" aria-rowindex={number + 1} class="lane lane-note">
      <span role="gridcell" class="muted" style={{ paddingLeft: indent(row.depth) }}>
        {row.note}
      </span>
    </div>
  );
}

function indent(depth: number): string {
  return `${14 + depth * INDENT_PX}px`;
}

function LaneOf(props: RowProps & { readonly lane: Lane }) {
  const { row, lane, number, scale, isActive, isDiffering, childHistories, onOpen } = props;
  const { kind, label, instanceId, spans, tries, state, index } = lane;
  return (
    <div
      id={rowId(row.key)}
      role="row"
      aria-rowindex={number + 1}
      class={`lane lane-${kind} ${isActive ? 'is-active' : ''} ${isDiffering ? 'is-differing' : ''}`}
    >
      <span
        role="gridcell"
        class="lane-label"
        title={instanceId ?? label}
        style={{ paddingLeft: indent(row.depth) }}
      >
        {row.isOpen === undefined || instanceId === undefined ? (
          <Icon name={ICONS[kind]} />
        ) : (
          <button
            type="button"
            class="lane-toggle"
            tabIndex={-1}
            aria-expanded={row.isOpen}
            aria-label={`Lanes of ${instanceId}`}
            title={
              row.isOpen
                ? 'Close'
                : childHistories.isFull.value
                  ? 'So many are open: close another one first'
                  : 'Show what happened in it'
            }
            disabled={!row.isOpen && childHistories.isFull.value}
            onClick={() => {
              childHistories.toggle(instanceId);
            }}
          >
            <Icon name={row.isOpen ? 'down' : 'right'} />
          </button>
        )}
        {instanceId === undefined ? (
          <span>{label}</span>
        ) : (
          <a href={routeHref(['instances', instanceId])} tabIndex={-1}>
            {label}
          </a>
        )}
        {isDiffering && <small class="badge badge-differing">differs today</small>}
        {tries > 1 && <small class="badge">{tries} tries</small>}
        {state === 'failed' && <small class="problem">failed</small>}
      </span>
      <span
        role="gridcell"
        class="lane-spans"
        onClick={() => {
          if (index >= 0) onOpen(index, row.owner);
        }}
      >
        {spans.map((span, n) => {
          const left = scale.at(span.fromMs);
          const width = scale.at(span.toMs) - left;
          const length = span.toMs - span.fromMs;
          return (
            <span
              key={n}
              class={`span span-${span.kind}`}
              style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
              title={`${span.text}${length > 0 ? `: ${durationText(length)}` : ''}, from ${wholeTime(new Date(span.fromMs).toISOString())}`}
            />
          );
        })}
      </span>
    </div>
  );
}

function Ruler({ timeline, scale }: { readonly timeline: Timeline; readonly scale: TimeScale }) {
  const { fromMs, toMs } = timeline.whole;
  const ticks = useCompact() ? COMPACT_TICKS : TICKS;
  const times = Array.from({ length: ticks + 1 }, (_, n) => timeAt(n / ticks, timeline, scale));
  const texts = times.map((ms, n) => (n === 0 ? '0' : `+${durationText(ms - fromMs)}`));
  return (
    <div class="lane ruler" aria-hidden="true">
      <span class="lane-label muted">{durationText(toMs - fromMs)}</span>
      <span class="lane-spans">
        {texts.map((text, n) => (
          <span
            key={n}
            class={`tick ${n === 0 ? 'tick-first' : n === ticks ? 'tick-last' : ''}`}
            style={{ left: `${(n / ticks) * 100}%` }}
          >
            {text !== texts[n + 1] && text}
          </span>
        ))}
        {scale.gaps.map(({ fromMs: gapMs, toMs: endMs }) => (
          <span
            key={gapMs}
            class="gap"
            title={`${durationText(endMs - gapMs)} in which nothing ran`}
            style={{
              left: `${scale.at(gapMs) * 100}%`,
              width: `${(scale.at(endMs) - scale.at(gapMs)) * 100}%`,
            }}
          />
        ))}
      </span>
    </div>
  );
}

/** The time at a part of the whole: the scale the other way round. */
function timeAt(part: number, { whole }: Timeline, scale: TimeScale): number {
  let [low, high] = [whole.fromMs, whole.toMs];
  for (let step = 0; step < 40 && high - low > 0.5; step++) {
    const middle = (low + high) / 2;
    if (scale.at(middle) < part) low = middle;
    else high = middle;
  }
  return high;
}

function Legend() {
  return (
    <span class="legend" aria-hidden="true">
      <i class="span span-running" /> ran
      <i class="span span-waiting" /> waited
      <i class="span span-failed" /> failed
    </span>
  );
}

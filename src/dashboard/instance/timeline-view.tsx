/** The lanes of an instance, one row each, on one scale of time. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Icon, type IconName } from '../parts/icon.tsx';
import { durationText, wholeTime } from '../parts/time.tsx';
import { VirtualRows, rowId } from '../parts/virtual-rows.tsx';
import { routeHref } from '../route.ts';
import { timeScale, type TimeScale } from './time-scale.ts';
import { busyIntervals, type Lane, type LaneKind, type Timeline } from './timeline.ts';

const ROW_PX = 30;
/** More lanes than that scroll. */
const MAX_ROWS = 16;
const TICKS = 5;

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
  /** Somebody wants to see the event at this place of the history. */
  readonly onOpen: (index: number) => void;
}

export function TimelineView({ timeline, onOpen }: TimelineViewProps) {
  const cutsGaps = useSignal(true);
  const zoom = useSignal(1);
  const active = useSignal(-1);
  const busy = useMemo(() => busyIntervals(timeline), [timeline]);
  const scale = useMemo(
    () => timeScale(timeline.whole, busy, { cutsGaps: cutsGaps.value }),
    [timeline, busy, cutsGaps.value],
  );
  const { lanes } = timeline;
  const height = Math.min(MAX_ROWS, lanes.length) * ROW_PX;
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
            label="Lanes. Arrows move, enter shows the event."
            rows={lanes}
            rowHeightPx={ROW_PX}
            keyOf={({ index }) => `lane-${index}`}
            activeIndex={active.value}
            onMove={(index) => (active.value = index)}
            onKey={(event) => {
              const lane = lanes[active.value];
              if (event.key === 'Enter' && lane && lane.index >= 0) onOpen(lane.index);
            }}
            onEnd={() => undefined}
            renderRow={(lane, n) => (
              <LaneRow
                key={lane.index}
                lane={lane}
                number={n}
                scale={scale}
                isActive={n === active.value}
                onOpen={onOpen}
              />
            )}
          />
        </div>
      </div>
    </section>
  );
}

function LaneRow(props: {
  readonly lane: Lane;
  readonly number: number;
  readonly scale: TimeScale;
  readonly isActive: boolean;
  readonly onOpen: (index: number) => void;
}) {
  const { lane, number, scale, isActive, onOpen } = props;
  const { kind, label, instanceId, spans, tries, state, index } = lane;
  return (
    <div
      id={rowId(`lane-${index}`)}
      role="row"
      aria-rowindex={number + 1}
      class={`lane lane-${kind} ${isActive ? 'is-active' : ''}`}
    >
      <span role="gridcell" class="lane-label" title={instanceId ?? label}>
        <Icon name={ICONS[kind]} />
        {instanceId === undefined ? (
          <span>{label}</span>
        ) : (
          <a href={routeHref(['instances', instanceId])} tabIndex={-1}>
            {label}
          </a>
        )}
        {tries > 1 && <small class="badge">{tries} tries</small>}
        {state === 'failed' && <small class="problem">failed</small>}
      </span>
      <span
        role="gridcell"
        class="lane-spans"
        onClick={() => {
          if (index >= 0) onOpen(index);
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
  const times = Array.from({ length: TICKS + 1 }, (_, n) => timeAt(n / TICKS, timeline, scale));
  return (
    <div class="lane ruler" aria-hidden="true">
      <span class="lane-label muted">{durationText(toMs - fromMs)}</span>
      <span class="lane-spans">
        {times.map((ms, n) => (
          <span key={n} class="tick" style={{ left: `${(n / TICKS) * 100}%` }}>
            {n === 0 ? '0' : `+${durationText(ms - fromMs)}`}
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

/** How many instances were created when, and what became of them: stacked bars. */
import { useSignal } from '@preact/signals';
import type { RuntimeStatus } from '../../core/instance-status.ts';
import { wholeTime } from '../parts/time.tsx';
import { sumOf, type Stats } from './hub-answers.ts';

/** From below; several statuses may share a colour. */
const STACK: readonly { readonly name: string; readonly statuses: readonly RuntimeStatus[] }[] = [
  { name: 'Completed', statuses: ['Completed'] },
  { name: 'Failed', statuses: ['Failed'] },
  { name: 'Terminated', statuses: ['Terminated', 'Canceled'] },
  {
    name: 'Running',
    statuses: ['Running', 'ContinuedAsNew', 'Pending', 'Suspended', 'Unknown'],
  },
];
const WIDTH = 960;
const HEIGHT = 150;

export interface ThroughputProps {
  readonly stats: Stats;
  /** Somebody wants to see the instances of this time. */
  readonly onChoose: (from: string, to: string) => void;
  /** Somebody has drawn over a part of the time, and wants to see that alone. */
  readonly onZoom: (from: string, to: string) => void;
  /** Whether the time goes on until now. */
  readonly endsNow: boolean;
}

/** Numbers of the bars where the drawing began, and where it is. */
interface Brush {
  readonly first: number;
  readonly last: number;
}

export function Throughput({ stats, onChoose, onZoom, endsNow }: ThroughputProps) {
  const brush = useSignal<Brush | undefined>(undefined);
  const { parts, to } = stats;
  const barAt = ({ currentTarget, clientX }: PointerOn): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const bar = Math.floor(((clientX - left) / width) * parts.length);
    return Math.min(parts.length - 1, Math.max(0, bar));
  };
  const end = (event: PointerOn): void => {
    const drawn = brush.value;
    brush.value = undefined;
    if (drawn === undefined) return;
    const last = barAt(event);
    const [begin, until] = [Math.min(drawn.first, last), Math.max(drawn.first, last)];
    const from = parts[begin]?.from;
    if (from === undefined) return;
    (begin === until ? onChoose : onZoom)(from, parts[until + 1]?.from ?? to);
  };
  const most = Math.max(0, ...parts.map(({ byStatus }) => sumOf(byStatus)));
  const step = WIDTH / parts.length;
  return (
    <figure class="throughput">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const bar = barAt(event);
          brush.value = { first: bar, last: bar };
        }}
        onPointerMove={(event) => {
          if (brush.value) brush.value = { first: brush.value.first, last: barAt(event) };
        }}
        onPointerUp={end}
        onPointerCancel={() => (brush.value = undefined)}
      >
        {parts.map(({ from, byStatus }, n) => {
          let top = HEIGHT;
          return (
            <g key={from}>
              <rect class="throughput-back" x={n * step} width={step} y={0} height={HEIGHT} />
              <title>{`${wholeTime(from)}: ${sumOf(byStatus)}`}</title>
              {STACK.map(({ name, statuses }) => {
                const count = statuses.reduce((sum, each) => sum + (byStatus[each] ?? 0), 0);
                const height = (count / most) * (HEIGHT - 6);
                top -= height;
                return count === 0 ? null : (
                  <rect
                    key={name}
                    class={`bar-${name}`}
                    x={n * step + 1}
                    width={Math.max(1, step - 2)}
                    y={top}
                    height={height}
                  />
                );
              })}
            </g>
          );
        })}
        {brush.value && brush.value.first !== brush.value.last && (
          <rect
            class="brush"
            x={Math.min(brush.value.first, brush.value.last) * step}
            width={(Math.abs(brush.value.last - brush.value.first) + 1) * step}
            y={0}
            height={HEIGHT}
          />
        )}
      </svg>
      <figcaption>
        <span>{wholeTime((parts[0]?.from ?? to).replace(/\.\d+/, ''))}</span>
        <span>
          {most === 0
            ? 'no instance was created in this time'
            : `highest bar: ${most.toLocaleString('en')}`}
        </span>
        <span>{endsNow ? 'now' : wholeTime(to.replace(/\.\d+/, ''))}</span>
      </figcaption>
    </figure>
  );
}

type PointerOn = PointerEvent & { readonly currentTarget: Element };

/** How many instances were created when, and what became of them: stacked bars. */
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
}

export function Throughput({ stats, onChoose }: ThroughputProps) {
  const { parts, to } = stats;
  const most = Math.max(1, ...parts.map(({ byStatus }) => sumOf(byStatus)));
  const step = WIDTH / parts.length;
  return (
    <figure class="throughput">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {parts.map(({ from, byStatus }, n) => {
          let top = HEIGHT;
          const until = parts[n + 1]?.from ?? to;
          return (
            <g
              key={from}
              onClick={() => {
                onChoose(from, until);
              }}
            >
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
      </svg>
      <figcaption>
        <span>{wholeTime((parts[0]?.from ?? to).replace(/\.\d+/, ''))}</span>
        <span>{`highest bar: ${most.toLocaleString('en')}`}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

/** Which orchestrator calls what, learned from the latest histories. */
import { useSignal } from '@preact/signals';
import { createdWithin, type SpanName, SpanSelect } from '../instances/span-select.tsx';
import { Icon } from '../parts/icon.tsx';
import { LiveButton } from '../parts/live.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { TableCard } from '../parts/table-card.tsx';
import { durationText } from '../parts/time.tsx';
import { routeHref } from '../route.ts';

/** The host reads a hundred histories for it. */
const EVERY_MS = 60_000;

/** As GET /calls tells. */
interface Calls {
  readonly instancesSeen: number;
  readonly eventsSeen: number;
  readonly isComplete: boolean;
  readonly orchestrators: readonly Caller[];
}

interface Caller {
  readonly name: string;
  readonly instances: number;
  readonly calls: readonly {
    readonly kind: 'activity' | 'orchestrator' | 'entity';
    readonly name: string;
    readonly count: number;
    readonly failed: number;
    readonly open: number;
    readonly p50Ms: number | null;
    readonly p95Ms: number | null;
  }[];
}

const ICONS = { activity: 'play', orchestrator: 'branch', entity: 'cube' } as const;
const KINDS = { activity: 'activity', orchestrator: 'orchestrator', entity: 'entity' } as const;

export function FunctionsPage() {
  const span = useSignal<SpanName>('24h');
  const spanName = span.value;
  const asked = usePolled<Calls>(['calls'], () => createdWithin(spanName), [spanName], {
    everyMs: EVERY_MS,
  });
  const told = asked.answer.value;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Functions</h1>
        <SpanSelect span={span} />
        {told !== undefined && told.instancesSeen > 0 && <p class="muted">{seenText(told)}</p>}
        <LiveButton />
      </header>
      <Problem text={asked.error.value} />
      <Loading of={asked} />
      {told?.orchestrators.length === 0 && (
        <div class="empty">
          <p>No instance was created in this time.</p>
        </div>
      )}
      <div class="stack-cards">
        {told?.orchestrators.map((caller) => (
          <CallerCard key={caller.name} caller={caller} />
        ))}
      </div>
    </div>
  );
}

function CallerCard({ caller: { name, instances, calls } }: { readonly caller: Caller }) {
  const most = Math.max(1, ...calls.map(({ count }) => count));
  return (
    <TableCard
      title={name}
      note={
        <a href={routeHref(['instances'], new URLSearchParams({ name }))}>
          {instances.toLocaleString('en')} {instances === 1 ? 'instance' : 'instances'}
        </a>
      }
      columns={['Calls', 'Times', 'Per instance', 'Failed', 'Open', 'Median', '95 %']}
      empty={calls.length === 0 && 'It has called nothing yet.'}
    >
      {calls.map(({ kind, name: called, count, failed, open, p50Ms, p95Ms }) => (
        <tr key={`${kind} ${called}`}>
          <td title={KINDS[kind]}>
            <span class="call">
              <Icon name={ICONS[kind]} />
              <span class="call-name">{called}</span>
              <span class="muted">{kind === 'activity' ? '' : KINDS[kind]}</span>
            </span>
            <progress max={most} value={count} aria-hidden="true" />
          </td>
          <td>{count.toLocaleString('en')}</td>
          <td>{Number((count / instances).toFixed(2)).toLocaleString('en')}</td>
          <td class={failed > 0 ? 'problem' : 'muted'}>{failed.toLocaleString('en')}</td>
          <td class="muted">{open === 0 ? '' : open.toLocaleString('en')}</td>
          <td>{p50Ms === null ? '' : durationText(p50Ms)}</td>
          <td>{p95Ms === null ? '' : durationText(p95Ms)}</td>
        </tr>
      ))}
    </TableCard>
  );
}

function seenText({ instancesSeen, eventsSeen, isComplete }: Calls): string {
  const instances = `${instancesSeen.toLocaleString('en')} ${instancesSeen === 1 ? 'instance' : 'instances'}`;
  const events = `${eventsSeen.toLocaleString('en')} events`;
  return `Learned from ${isComplete ? 'all' : 'the latest'} ${instances}, ${events}.`;
}

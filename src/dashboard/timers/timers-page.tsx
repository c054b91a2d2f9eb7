/** What is due when. */
import { LiveButton } from '../parts/live.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { TableCard } from '../parts/table-card.tsx';
import { DueIn, wholeTime } from '../parts/time.tsx';
import { routeHref } from '../route.ts';
import { InstanceLink } from '../parts/instance-link.tsx';

/** The host may have to read histories for it. */
const EVERY_MS = 15_000;
const SHOWN = 200;

/** As GET /timers tells. */
interface Timers {
  readonly source: 'queues' | 'histories';
  readonly instancesSeen: number | null;
  readonly isComplete: boolean;
  readonly timers: readonly {
    readonly dueTime: string;
    readonly kind: 'timer' | 'start' | 'signal' | 'retry';
    readonly instanceId: string | null;
    readonly name: string | null;
  }[];
}

const KINDS = {
  timer: 'Timer',
  start: 'Start of an instance',
  signal: 'Signal to an entity',
  retry: 'Message that failed, again',
} as const;

export function TimersPage() {
  const asked = usePolled<Timers>(['timers'], () => ({ top: SHOWN }), [], {
    everyMs: EVERY_MS,
  });
  const told = asked.answer.value;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Timers</h1>
        {told && (told.timers.length > 0 || told.source === 'histories') && (
          <p class="muted">{seenText(told)}</p>
        )}
        <LiveButton />
      </header>
      <Problem text={asked.error.value} />
      <Loading of={asked} />
      {told?.timers.length === 0 && (
        <div class="empty">
          <p>Nothing is due later.</p>
        </div>
      )}
      {told && told.timers.length > 0 && (
        <TableCard
          title="What is due later"
          columns={['Due', 'Instance', 'Orchestrator', 'What', 'At']}
          texts={5}
        >
          {told.timers.map(({ dueTime, kind, instanceId, name }, n) => (
            <tr key={n}>
              <td>
                <DueIn time={dueTime} />
              </td>
              <td>{instanceId !== null && <InstanceLink id={instanceId} />}</td>
              <td>
                {name !== null && (
                  <a href={routeHref(['instances'], new URLSearchParams({ name }))}>{name}</a>
                )}
              </td>
              <td>{KINDS[kind]}</td>
              <td>{wholeTime(dueTime.replace(/\.\d+/, ''))}</td>
            </tr>
          ))}
        </TableCard>
      )}
    </div>
  );
}

function seenText({ source, instancesSeen, isComplete, timers }: Timers): string {
  if (source === 'queues') {
    return isComplete ? 'All that is due is shown.' : `The first ${timers.length}.`;
  }
  const seen = instancesSeen ?? 0;
  const instances = `${seen} ${seen === 1 ? 'instance' : 'instances'} that ${seen === 1 ? 'goes' : 'go'} on`;
  return `Read from the histories of ${instances}${isComplete ? '' : ', and there are more'}. This storage does not show signals to entities before their time.`;
}

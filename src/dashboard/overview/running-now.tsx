/** What the process that answers executes at the moment; nothing where it does not run the hub, or runs nothing. */
import { usePolled } from '../parts/polled.ts';
import { TableCard } from '../parts/table-card.tsx';
import { Ago } from '../parts/time.tsx';
import { InstanceLink } from '../parts/instance-link.tsx';

const EVERY_MS = 5_000;
const SHOWN = 20;

/** As GET /running tells. */
interface Running {
  readonly total: number;
  readonly running: readonly {
    readonly kind: 'activity' | 'orchestrator' | 'entity';
    readonly name: string;
    readonly instanceId: string;
    readonly since: string;
  }[];
}

export function RunningNow() {
  const { answer } = usePolled<Running>(['running'], () => ({ top: SHOWN }), [], {
    everyMs: EVERY_MS,
  });
  const told = answer.value;
  if (told === undefined) return null;
  const { total, running } = told;
  const more = total > running.length ? `, the ${running.length} that began first` : '';
  return (
    <TableCard
      title="Running now"
      note={`${total.toLocaleString('en')} in this process of the host${more}`}
      columns={['Function', 'Instance', 'Began']}
      texts={3}
      empty={running.length === 0 && 'It executes no function at the moment.'}
    >
      {running.map(({ kind, name, instanceId, since }, n) => (
        <tr key={n}>
          <td title={kind}>{name}</td>
          <td>
            <InstanceLink id={instanceId} />
          </td>
          <td>
            <Ago time={since} />
          </td>
        </tr>
      ))}
    </TableCard>
  );
}

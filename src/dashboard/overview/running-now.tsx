/** What the workers of the hub execute at the moment; nothing where this host does not run it. */
import { usePolled } from '../parts/polled.ts';
import { TableCard } from '../parts/table-card.tsx';
import { Ago } from '../parts/time.tsx';
import { InstanceLink } from '../parts/instance-link.tsx';
import { runningNote, type Running } from './running-note.ts';

const EVERY_MS = 5_000;
const SHOWN = 20;

export function RunningNow() {
  const { answer } = usePolled<Running>(['running'], () => ({ top: SHOWN }), [], {
    everyMs: EVERY_MS,
  });
  const told = answer.value;
  if (told === undefined) return null;
  const { running, others } = told;
  const isAlone = others.length === 0;
  return (
    <TableCard
      title="Running now"
      note={runningNote(told)}
      columns={['Function', 'Instance', 'Began', ...(isAlone ? [] : ['Worker'])]}
      texts={isAlone ? 3 : 4}
      empty={running.length === 0 && 'No function is executed at the moment.'}
    >
      {running.map(({ kind, name, instanceId, since, worker }, n) => (
        <tr key={n}>
          <td title={kind}>{name}</td>
          <td>
            <InstanceLink id={instanceId} />
          </td>
          <td>
            <Ago time={since} />
          </td>
          {!isAlone && <td>{worker ?? 'this process'}</td>}
        </tr>
      ))}
    </TableCard>
  );
}

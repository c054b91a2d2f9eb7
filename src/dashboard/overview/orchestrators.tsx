/** How many instances of each orchestrator there are, and how long they took and waited. */
import { queryOf, type InstanceFilter } from '../instances/instance-filter.ts';
import { durationText } from '../parts/time.tsx';
import { routeHref } from '../route.ts';
import { sumOf, type Stats, type Waits } from './hub-answers.ts';

export interface OrchestratorsProps {
  readonly stats: Stats;
  /** undefined as long as they are not known. */
  readonly waits: Waits | undefined;
  /** Finds the instances that were counted. */
  readonly filter: InstanceFilter;
}

export function Orchestrators({ stats, waits, filter }: OrchestratorsProps) {
  if (stats.byName.length === 0) return null;
  const waited = new Map(waits?.orchestrators.map((each) => [each.name, each]));
  return (
    <section class="card" aria-label="Orchestrators">
      <header>
        <h2>Orchestrators</h2>
        {waits !== undefined && (
          <span class="muted">waits of the latest {waits.instancesSeen.toLocaleString('en')}</span>
        )}
      </header>
      <div class="table" tabIndex={0} role="group" aria-label="Orchestrators">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Instances</th>
              <th scope="col">Failed</th>
              <th scope="col" title="From creation to end">
                Median
              </th>
              <th scope="col">95 %</th>
            </tr>
          </thead>
          <tbody>
            {stats.byName.map(({ name, byStatus, p50Ms, p95Ms }) => {
              const failed = byStatus.Failed ?? 0;
              return (
                <tr key={name}>
                  <td>
                    <a href={routeHref(['instances'], queryOf({ ...filter, name }))}>{name}</a>
                  </td>
                  <td>{sumOf(byStatus).toLocaleString('en')}</td>
                  <td class={failed > 0 ? 'problem' : 'muted'}>{failed.toLocaleString('en')}</td>
                  <Took ms={p50Ms} waitMs={waited.get(name)?.waitP50Ms} />
                  <Took ms={p95Ms} waitMs={waited.get(name)?.waitP95Ms} />
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** From creation to end, and how much of it passed before the first step. */
function Took(props: { readonly ms: number | null; readonly waitMs: number | null | undefined }) {
  const { ms, waitMs = null } = props;
  return (
    <td>
      {ms === null ? '' : durationText(ms)}
      {waitMs !== null && <div class="muted">wait {durationText(waitMs)}</div>}
    </td>
  );
}

/** What a rewind of one instance will do again. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { callApi } from '../api.ts';
import { Problem } from '../parts/problem.tsx';
import { routeHref } from '../route.ts';

/** As GET …/rewindPlan tells. */
interface Plan {
  readonly activityCount: number;
  readonly activities: readonly { readonly name: string; readonly hasFailed: boolean }[];
  readonly childCount: number;
  readonly children: readonly {
    readonly instanceId: string;
    readonly name: string;
    readonly hasFailed: boolean;
  }[];
  readonly timerCount: number;
}

const MAX_CHILDREN = 10;

export function RewindPlan({ instanceId }: { readonly instanceId: string }) {
  const plan = useSignal<Plan | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  useEffect(() => {
    callApi(['instances', instanceId, 'rewindPlan']).then(
      ({ body }) => (plan.value = body as unknown as Plan),
      (error: unknown) => (problem.value = error instanceof Error ? error.message : String(error)),
    );
  }, [instanceId]);
  const told = plan.value;
  if (told === undefined) return <Problem text={problem.value} />;
  const { activityCount, activities, childCount, children, timerCount } = told;
  const isNothing = activityCount + childCount + timerCount === 0;
  return (
    <section class="note rewind-plan" aria-label="What is done again">
      {isNothing && <p>No activity runs again: the code of the orchestrator itself has failed.</p>}
      {activityCount > 0 && (
        <>
          <p>
            {activityCount === 1
              ? 'One activity runs again:'
              : `${activityCount.toLocaleString('en')} activities run again:`}
          </p>
          <ul>
            {[...countByName(activities)].map(([name, count]) => (
              <li key={name}>
                {name}
                {count > 1 && ` × ${count.toLocaleString('en')}`}
              </li>
            ))}
            {activityCount > activities.length && <li>… and others</li>}
          </ul>
        </>
      )}
      {childCount > 0 && (
        <>
          <p>
            {childCount === 1
              ? 'One sub-orchestration is rewound, or goes on:'
              : `${childCount.toLocaleString('en')} sub-orchestrations are rewound, or go on:`}
          </p>
          <ul>
            {children.slice(0, MAX_CHILDREN).map((child) => (
              <li key={child.instanceId}>
                <a href={routeHref(['instances', child.instanceId])}>{child.instanceId}</a>{' '}
                {child.name}
              </li>
            ))}
            {childCount > MAX_CHILDREN && <li>… and others</li>}
          </ul>
        </>
      )}
      {timerCount > 0 && (
        <p>
          {timerCount === 1 ? 'One timer is' : `${timerCount.toLocaleString('en')} timers are`} made
          anew.
        </p>
      )}
    </section>
  );
}

function countByName(calls: readonly { readonly name: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

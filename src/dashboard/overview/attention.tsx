/** What somebody has to look at: failures, what is suspended, what does not begin, what does not go on, messages that were set aside. */
import type { ComponentChildren } from 'preact';
import type { RuntimeStatus } from '../../core/instance-status.ts';
import type { InstanceStatus } from '../api.ts';
import { EMPTY_FILTER, queryOf } from '../instances/instance-filter.ts';
import { usePolled } from '../parts/polled.ts';
import { entityHref, InstanceLink } from '../parts/instance-link.tsx';
import { Ago } from '../parts/time.tsx';
import { routeHref } from '../route.ts';
import type { Failures } from './hub-answers.ts';

const EVERY_MS = 15_000;
const SHOWN = 5;
/** What waits that long for a worker, or for whatever it is that it waits for, is worth a look. */
const LONG_PENDING_MS = 60_000;
const LONG_RUNNING_MS = 24 * 3_600_000;
/** Nothing was done for so long with an entity that somebody has to himself. */
const LONG_LOCKED_MS = 60_000;
/** The host looks at every entity for it. */
const LOCKS_EVERY_MS = 60_000;

export function Attention({ failures }: { readonly failures: Failures | undefined }) {
  const suspended = useOldest('Suspended', 0);
  const pending = useOldest('Pending', LONG_PENDING_MS);
  const running = useOldest('Running', LONG_RUNNING_MS);
  const poison = usePolled<readonly { readonly id: string; readonly reason: string }[]>(
    ['poison'],
    () => ({ top: SHOWN }),
    [],
    { everyMs: EVERY_MS },
  ).answer.value;
  const locks = useLongLocks();
  const groups = failures?.groups ?? [];
  const isAsking = [failures, suspended, pending, running, locks].includes(undefined);
  const isWell =
    groups.length === 0 &&
    [suspended, pending, running, locks, poison].every((each) => (each?.length ?? 0) === 0);
  return (
    <section class="card" aria-label="Needs attention">
      <header>
        <h2>Needs attention</h2>
      </header>
      {isWell && <p class="attention muted">{isAsking ? 'loading …' : 'Nothing. All is well.'}</p>}
      {groups.slice(0, SHOWN).map(({ name, signature, message, count, lastTime }) => (
        <a key={`${name}\n${signature}`} class="attention" href={routeHref(['failures'])}>
          <span class="status status-Failed">
            {count === 1 ? 'Failed' : `Failed ${count.toLocaleString('en')} times`}
          </span>
          <span class="attention-text" title={message}>
            {causeOf(message)}
          </span>
          <span class="muted">
            {name}, <Ago time={lastTime} />
          </span>
        </a>
      ))}
      <Waiting status="Suspended" instances={suspended}>
        Suspended
      </Waiting>
      <Waiting status="Pending" instances={pending}>
        Pending for more than a minute
      </Waiting>
      <Waiting status="Running" instances={running}>
        Running, and created more than a day ago
      </Waiting>
      <Locked locks={locks} />
      {poison?.map(({ id, reason }) => (
        <a key={id} class="attention" href={routeHref(['storage'])}>
          <span class="status status-Failed">Message set aside</span>
          <span class="attention-text" title={reason}>
            {reason}
          </span>
        </a>
      ))}
    </section>
  );
}

/** Which orchestrator it was is told anyway. */
function causeOf(message: string): string {
  return message.replace(/^Orchestrator function '[^']*' failed: /, '');
}

function Waiting(props: {
  readonly status: RuntimeStatus;
  readonly instances: readonly InstanceStatus[] | undefined;
  readonly children: ComponentChildren;
}) {
  const { status, instances = [], children } = props;
  const all = routeHref(['instances'], queryOf({ ...EMPTY_FILTER, statuses: [status] }));
  return (
    <Listed title={children} status={status} all={all}>
      {instances.slice(0, SHOWN).map(({ instanceId, name, createdTime }) => (
        <li key={instanceId}>
          <a href={routeHref(['instances', instanceId])}>
            <code>{instanceId}</code>
          </a>{' '}
          <span class="muted">
            {name}, <Ago time={createdTime} />
          </span>
        </li>
      ))}
    </Listed>
  );
}

function Locked({ locks = [] }: { readonly locks: readonly Lock[] | undefined }) {
  return (
    <Listed
      title="Locked for more than a minute, without an operation"
      status="Suspended"
      all={routeHref(['entities'])}
    >
      {locks.slice(0, SHOWN).map(({ entityId: { name, key }, lockedBy, lastOperationTime }) => (
        <li key={`@${name}@${key}`}>
          <a href={entityHref(name, key)}>
            <code>
              {name} {key}
            </code>
          </a>{' '}
          <span class="muted">
            by <InstanceLink id={lockedBy} />, <Ago time={lastOperationTime} />
          </span>
        </li>
      ))}
    </Listed>
  );
}

/** Nothing, where nothing is listed. */
function Listed(props: {
  readonly title: ComponentChildren;
  /** Its colour says how bad it is. */
  readonly status: RuntimeStatus;
  /** Where all of them are. */
  readonly all: string;
  readonly children: readonly ComponentChildren[];
}) {
  const { title, status, all, children } = props;
  if (children.length === 0) return null;
  return (
    <div class="attention">
      <a class={`status status-${status}`} href={all}>
        {title}
      </a>
      <ul>{children}</ul>
    </div>
  );
}

/** As GET /locks tells. */
interface Lock {
  readonly entityId: { readonly name: string; readonly key: string };
  readonly lockedBy: string;
  readonly lastOperationTime: string;
}

function useLongLocks(): readonly Lock[] | undefined {
  const answer = usePolled<{ readonly locks: readonly Lock[] }>(
    ['locks'],
    () => ({ top: SHOWN + 1 }),
    [],
    { everyMs: LOCKS_EVERY_MS },
  ).answer.value;
  const before = Date.now() - LONG_LOCKED_MS;
  return answer?.locks.filter(({ lastOperationTime }) => Date.parse(lastOperationTime) < before);
}

/** Instances of a status that were created so long ago, one more than is shown. */
function useOldest(status: RuntimeStatus, ageMs: number): readonly InstanceStatus[] | undefined {
  const query = () => ({
    runtimeStatus: status,
    createdTimeTo: new Date(Date.now() - ageMs).toISOString(),
    excludeEntities: true,
    showInput: false,
    showOutput: false,
    top: SHOWN + 1,
  });
  return usePolled<readonly InstanceStatus[]>(['instances'], query, [], { everyMs: EVERY_MS })
    .answer.value;
}

/** Is all well, and if not, where? */
import { useSignal } from '@preact/signals';
import {
  EMPTY_FILTER,
  FILTER_STATUSES,
  type InstanceFilter,
  queryOf,
} from '../instances/instance-filter.ts';
import { createdWithin, type SpanName, SpanSelect } from '../instances/span-select.tsx';
import { LiveButton } from '../parts/live.tsx';
import { isSettled, Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { durationText, wholeTime } from '../parts/time.tsx';
import { goTo, route, routeHref } from '../route.ts';
import { Attention } from './attention.tsx';
import { sumOf, type Failures, type Stats, type Storage, type Waits } from './hub-answers.ts';
import { Orchestrators } from './orchestrators.tsx';
import { RunningNow } from './running-now.tsx';
import { Throughput } from './throughput.tsx';

/** The host looks at every instance of the time for it. */
const EVERY_MS = 15_000;
const PARTS = 60;
/** The host reads as many histories for the waits. */
const WAITS_OF = 50;
const WAITS_EVERY_MS = 60_000;

export function OverviewPage() {
  const span = useSignal<SpanName>('24h');
  const spanName = span.value;
  const zoom = zoomOf(route.value.query);
  const times = () =>
    zoom === undefined
      ? createdWithin(spanName)
      : { createdTimeFrom: zoom.from, createdTimeTo: zoom.to };
  const of = [spanName, zoom?.from, zoom?.to];
  const how = { everyMs: EVERY_MS };
  const stats = usePolled<Stats>(['stats'], () => ({ ...times(), parts: PARTS }), of, how);
  const failures = usePolled<Failures>(['failures'], times, of, how);
  const waits = usePolled<Waits>(['calls'], () => ({ ...times(), top: WAITS_OF }), of, {
    everyMs: WAITS_EVERY_MS,
  });
  const storage = usePolled<Storage>(['storage'], () => ({}), [], how);
  const error =
    stats.error.value ?? failures.error.value ?? storage.error.value ?? waits.error.value;
  const told = stats.answer.value;
  const filter: InstanceFilter =
    zoom === undefined
      ? { ...EMPTY_FILTER, from: spanName }
      : { ...EMPTY_FILTER, from: localTime(zoom.from), to: localTime(zoom.to) };
  return (
    <div class="page">
      <header class="page-head">
        <h1>Overview</h1>
        {zoom === undefined ? (
          <SpanSelect span={span} />
        ) : (
          <>
            <p class="muted">
              {wholeTime(zoom.from.replace(/\.\d+/, ''))} to{' '}
              {wholeTime(zoom.to.replace(/\.\d+/, ''))}
            </p>
            <a class="button" href={routeHref(['overview'])}>
              Zoom out
            </a>
          </>
        )}
        {told?.isComplete === false && (
          <p class="muted">
            The latest {sumOf(told.byStatus).toLocaleString('en')} instances only.
          </p>
        )}
        <LiveButton />
      </header>
      <Problem text={error} />
      {(told !== undefined || !isSettled(stats)) && (
        <>
          <Tiles stats={told} filter={filter} />
          <section class="card padded" aria-label="Throughput">
            <Loading of={stats} />
            {told && (
              <Throughput
                stats={told}
                endsNow={zoom === undefined}
                onChoose={(from, to) => {
                  const chosen = { ...EMPTY_FILTER, from: localTime(from), to: localTime(to) };
                  goTo(routeHref(['instances'], queryOf(chosen)));
                }}
                onZoom={(from, to) => {
                  goTo(routeHref(['overview'], new URLSearchParams({ from, to })));
                }}
              />
            )}
          </section>
        </>
      )}
      <div class="overview-cards">
        {(failures.answer.value !== undefined || !isSettled(failures)) && (
          <Attention failures={failures.answer.value} />
        )}
        <div>
          {told && <Orchestrators stats={told} waits={waits.answer.value} filter={filter} />}
          {isSettled(stats) && storage.answer.value && <Queues storage={storage.answer.value} />}
          {isSettled(stats) && isSettled(storage) && <RunningNow />}
        </div>
      </div>
    </div>
  );
}

interface Counted {
  /** undefined as long as they are not known. */
  readonly stats: Stats | undefined;
  /** Finds the instances that were counted. */
  readonly filter: InstanceFilter;
}

function Tiles({ stats, filter }: Counted) {
  return (
    <div class="tiles">
      {FILTER_STATUSES.map((status) => (
        <a
          key={status}
          class={`tile status-${status}`}
          href={routeHref(['instances'], queryOf({ ...filter, statuses: [status] }))}
        >
          <strong>
            {stats === undefined ? '…' : (stats.byStatus[status] ?? 0).toLocaleString('en')}
          </strong>
          <StatusChip status={status} />
        </a>
      ))}
    </div>
  );
}

function Queues({ storage }: { readonly storage: Storage }) {
  const { controlQueues, workItems, workers, processes } = storage;
  return (
    <section class="card" aria-label="Queues">
      <header>
        <h2>Queues</h2>
        <span class="muted">
          {processes} {processes === 1 ? 'process' : 'processes'} at work
        </span>
      </header>
      <div class="table" tabIndex={0} role="group" aria-label="Queues">
        <table>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col">Waiting</th>
              <th scope="col" title="In the hands of workers, or due later">
                Hidden
              </th>
              <th scope="col">Oldest</th>
            </tr>
          </thead>
          <tbody>
            {[...controlQueues, workItems].map(({ name, waiting, hidden, oldestWaitingMs }) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{waiting.toLocaleString('en')}</td>
                <td>{hidden.toLocaleString('en')}</td>
                <td>{oldestWaitingMs === null ? '' : durationText(oldestWaitingMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {workers.length > 0 && (
          <table class="texts-2">
            <thead>
              <tr>
                <th scope="col">Partition</th>
                <th scope="col">Worker</th>
              </tr>
            </thead>
            <tbody>
              {workers.map(({ owner, partition }) => (
                <tr key={`${partition} ${owner}`}>
                  <td>{partition}</td>
                  <td>{owner}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

/** The part of the time that the address names: somebody has drawn over it. undefined for none that can be. */
function zoomOf(
  query: URLSearchParams,
): { readonly from: string; readonly to: string } | undefined {
  const [fromMs, toMs] = ['from', 'to'].map((name) => Date.parse(query.get(name) ?? ''));
  if (fromMs === undefined || toMs === undefined || !(fromMs < toMs)) return undefined;
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** As `datetime-local` has it, in the zone of the browser. */
function localTime(iso: string): string {
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

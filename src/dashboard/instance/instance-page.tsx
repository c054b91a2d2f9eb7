/** One instance: what it is, what it holds, and what can be done with it. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isTerminal } from '../../core/instance-status.ts';
import type { InstanceStatus } from '../api.ts';
import { JsonCard } from '../parts/json-view.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { LiveButton, useLive } from '../parts/live.tsx';
import { Loading } from '../parts/loading.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { Ago, durationText, now } from '../parts/time.tsx';
import { goTo, route, routeHref } from '../route.ts';
import { session } from '../shell/session.ts';
import { ChildHistories } from './child-histories.ts';
import { EventDetails } from './event-details.tsx';
import { FailureCard } from './failure-card.tsx';
import { FamilyCard } from './family-card.tsx';
import { HistoryTable } from './history-table.tsx';
import { InstanceActions } from './instance-actions.tsx';
import { InstanceHistory } from './instance-history.ts';
import { LogsCard } from './logs-card.tsx';
import { ReplayCard } from './replay-card.tsx';
import { askedText, type ReplayAnswer } from './replay-text.ts';
import { SequenceCard } from './sequence-view.tsx';
import { TimelineView } from './timeline-view.tsx';
import { timelineOf } from './timeline.ts';
import { WatchedInstance } from './watched-instance.ts';

export function InstancePage({ instanceId }: { readonly instanceId: string }) {
  const watched = useMemo(() => new WatchedInstance(instanceId), [instanceId]);
  const history = useMemo(() => new InstanceHistory(instanceId), [instanceId]);
  const childHistories = useMemo(() => new ChildHistories(), [instanceId]);
  const refresh = async (): Promise<void> => {
    await Promise.all([watched.refresh(), history.refresh(), childHistories.refresh()]);
  };
  useEffect(() => {
    void refresh();
    return () => {
      watched.close();
      history.close();
      childHistories.close();
    };
  }, [watched, history, childHistories]);
  useLive(refresh, [watched, history, childHistories], {
    concerns: (id) => id === instanceId || childHistories.has(id),
  });
  const status = watched.status.value;
  const error = watched.error.value ?? history.error.value;
  if (status === undefined) {
    return error === undefined ? (
      <div class="page">
        <header class="instance-head">
          <div class="page-head">
            <a href={routeHref(['instances'])}>Instances</a>
          </div>
          <h1>{instanceId}</h1>
        </header>
        <Loading />
      </div>
    ) : (
      <div class="empty" role="alert">
        <h1>
          <code>{instanceId}</code>
        </h1>
        <p>{error}</p>
        <p>
          <a href={routeHref(['instances'])}>All instances</a>
        </p>
      </div>
    );
  }
  return (
    <div class="page">
      <Head status={status} />
      <Problem text={error} />
      {session.value?.isReadOnly === false && <InstanceActions status={status} onDone={refresh} />}
      <Payloads status={status} />
      <Happenings status={status} history={history} childHistories={childHistories} />
      <LogsCard instanceId={instanceId} />
    </div>
  );
}

function Payloads({ status }: { readonly status: InstanceStatus }) {
  const { runtimeStatus, input, output, customStatus } = status;
  const isOver = isTerminal(runtimeStatus);
  return (
    <div class="cards">
      {runtimeStatus === 'Failed' && typeof output === 'string' ? (
        <FailureCard failure={output} />
      ) : (
        isOver && <JsonCard title={outputTitle(status)} value={output} />
      )}
      <JsonCard title="Input" value={input} />
      {customStatus !== null && <JsonCard title="Custom status" value={customStatus} />}
    </div>
  );
}

/** Of longer histories the lanes are drawn anew only when there are more events. */
const MAX_TICKING_EVENTS = 1_000;

/** What happened: as lanes, as messages, and event by event; who else is part of it, and whether today's code agrees. */
function Happenings(props: {
  readonly status: InstanceStatus;
  readonly history: InstanceHistory;
  readonly childHistories: ChildHistories;
}) {
  const { status, history, childHistories } = props;
  const opened = useSignal<OpenedEvent | undefined>(undefined);
  const open = (index: number, owner?: string): void => {
    const of = owner === undefined ? history : childHistories.historyOf(owner);
    if (of !== undefined) opened.value = { index, history: of };
  };
  const replayed = useSignal<ReplayAnswer | undefined>(undefined);
  const events = history.events.value;
  const seenMs = useMemo(() => Date.now(), [events]);
  // One that runs goes on every second, but for a long one, whose lanes cost more than that is worth.
  const runningMs = events.length > MAX_TICKING_EVENTS ? seenMs : now.value;
  const endMs = isTerminal(status.runtimeStatus)
    ? Date.parse(events.at(-1)?.Timestamp ?? status.lastUpdatedTime)
    : runningMs;
  const timeline = useMemo(() => timelineOf(events, endMs), [events, endMs]);
  if (events.length === 0) return null;
  const hasFamily =
    status.parentInstanceId !== undefined ||
    events.some(({ EventType }) => EventType === 'SubOrchestrationInstanceCreated');
  const step = replayed.value?.step;
  const differing =
    step?.index === undefined || step.index === null
      ? undefined
      : { index: step.index, text: askedText(step) };
  return (
    <div class="happenings">
      <TimelineView
        timeline={timeline}
        childHistories={childHistories}
        open={childHistories.shown(runningMs)}
        differingIndex={differing?.index}
        onOpen={open}
      />
      <div class="cards">
        <ReplayCard
          instanceId={status.instanceId}
          eventCount={events.length}
          answer={replayed}
          onOpen={open}
        />
        {hasFamily && <FamilyCard status={status} />}
      </div>
      <SequenceCard events={events} onOpen={open} />
      <HistoryHead instanceId={status.instanceId} eventCount={events.length} />
      <HistoryTable
        events={events}
        isMerged={isMerged()}
        differing={differing}
        onOpen={(index, answerIndex) => (opened.value = { index, answerIndex, history })}
      />
      {opened.value !== undefined && (
        <EventDetails {...opened.value} onClose={() => (opened.value = undefined)} />
      )}
    </div>
  );
}

interface OpenedEvent {
  readonly history: InstanceHistory;
  readonly index: number;
  /** Of the answer that is in one row with it. */
  readonly answerIndex?: number | undefined;
}

/** The address says so, to be kept or sent. */
function isMerged(): boolean {
  return route.value.query.get('history') === 'merged';
}

function HistoryHead(props: { readonly instanceId: string; readonly eventCount: number }) {
  const { instanceId, eventCount } = props;
  const choose = (merged: boolean): void => {
    const query = new URLSearchParams(merged ? { history: 'merged' } : {});
    goTo(routeHref(['instances', instanceId], query), { replaces: true });
  };
  return (
    <div class="section history-head">
      <h2>History, {eventCount.toLocaleString('en')} events</h2>
      <div class="chips" role="group" aria-label="Rows of the history">
        {[
          { label: 'Raw', merged: false, title: 'The events as they are stored' },
          { label: 'Merged', merged: true, title: 'A request and its answer are one row' },
        ].map(({ label, merged, title }) => (
          <button
            key={label}
            type="button"
            class="chip"
            title={title}
            aria-pressed={isMerged() === merged}
            onClick={() => {
              choose(merged);
            }}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

function Head({ status }: { readonly status: InstanceStatus }) {
  const { instanceId, name, version, parentInstanceId, createdTime, lastUpdatedTime } = status;
  const isOver = isTerminal(status.runtimeStatus);
  const untilMs = isOver ? Date.parse(lastUpdatedTime) : now.value;
  return (
    <header class="instance-head">
      <div class="page-head">
        <a href={routeHref(['instances'])}>Instances</a>
        <span aria-hidden="true">/</span>
        <StatusChip status={status.runtimeStatus} />
        <LiveButton />
      </div>
      <h1>
        {instanceId} <CopyButton what="the id" text={instanceId} />
      </h1>
      <dl class="facts">
        <Fact name="Orchestrator">
          <a href={routeHref(['instances'], new URLSearchParams({ name }))}>{name}</a>
          {version !== undefined && ` ${version}`}
        </Fact>
        <Fact name="Created">
          <Ago time={createdTime} />
        </Fact>
        <Fact name={isOver ? 'Ended' : 'Updated'}>
          <Ago time={lastUpdatedTime} />
        </Fact>
        <Fact name={isOver ? 'Lasted' : 'For'}>
          {durationText(Math.max(0, untilMs - Date.parse(createdTime)))}
        </Fact>
        {parentInstanceId !== undefined && (
          <Fact name="Called by">
            <a href={routeHref(['instances', parentInstanceId])}>{parentInstanceId}</a>
          </Fact>
        )}
      </dl>
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children as never}</dd>
    </div>
  );
}

function outputTitle({ runtimeStatus }: InstanceStatus): string {
  if (runtimeStatus === 'Failed') return 'Failure';
  return runtimeStatus === 'Terminated' ? 'Reason' : 'Output';
}

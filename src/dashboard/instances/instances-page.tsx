/** All instances of the hub, the newest first: filtered, chosen, and steered together. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isTerminal } from '../../core/instance-status.ts';
import type { InstanceStatus } from '../api.ts';
import { useCompact } from '../parts/compact.ts';
import { Icon } from '../parts/icon.tsx';
import { LiveButton, useLive } from '../parts/live.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { Ago, durationText, now } from '../parts/time.tsx';
import { rowId, VirtualRows } from '../parts/virtual-rows.tsx';
import { cameFrom, goTo, route, routeHref } from '../route.ts';
import { session } from '../shell/session.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ACTIONS, isOffered, isPossible, type InstanceAction } from './instance-action.ts';
import { filterOf, isEmptyFilter, queryOf, type InstanceFilter } from './instance-filter.ts';
import { InstanceList } from './instance-list.ts';
import { LOOKED_AT_ONCE, seenText } from './instance-pages.ts';
import { MatchDialog } from './match-dialog.tsx';
import { ViewsMenu } from './views-menu.tsx';

const GRID_ID = 'instances';
const ROW_PX = 41;
const COMPACT_ROW_PX = 62;

export function InstancesPage() {
  const address = route.value.query.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(address)), [address]);
  const list = useMemo(() => new InstanceList(filter), [filter]);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const action = useSignal<InstanceAction | undefined>(undefined);
  const isForAll = useSignal(false);
  const active = useSignal(instanceBefore());
  // Whoever comes back goes on with the row that he had opened; who came by a link of the navigation is still there.
  useEffect(() => {
    if (active.peek() === undefined || document.activeElement?.closest('nav') != null) return;
    document.getElementById(GRID_ID)?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    chosen.value = new Set();
    void list.refresh();
    return () => {
      list.close();
    };
  }, [list]);
  // A search costs the host a look at each instance.
  useLive(() => (list.isSearch ? Promise.resolve() : list.refresh()), [list]);

  const rows = list.rows.value;
  const instances = rows.filter(({ instanceId }) => chosen.value.has(instanceId));
  return (
    <div class="page list-page">
      <header class="page-head">
        <h1>Instances</h1>
        <p class="muted" role="status">
          {countText(list)}
        </p>
        {rows.length > 0 && session.value?.isReadOnly === false && (
          <button type="button" onClick={() => (isForAll.value = true)}>
            {isEmptyFilter(filter) ? 'Steer all …' : 'Steer all that match …'}
          </button>
        )}
        <ViewsMenu filter={filter} />
        {!list.isSearch && <LiveButton />}
      </header>
      <FilterBar
        filter={filter}
        names={namesOf(rows, filter)}
        onChange={(part) => {
          const changed = { ...filterOf(route.peek().query), ...part };
          goTo(routeHref(['instances'], queryOf(changed)), { replaces: true });
        }}
      />
      <Problem text={list.error.value} />
      {list.isSearch && <SearchBar list={list} />}
      {rows.length > 0 || list.state.value === 'loading' ? (
        <InstanceGrid list={list} chosen={chosen} active={active} />
      ) : (
        list.error.value === undefined && <Nothing filter={filter} mayLookOn={list.hasMore.value} />
      )}
      {instances.length > 0 && session.value?.isReadOnly === false && (
        <BulkBar
          instances={instances}
          onClear={() => (chosen.value = new Set())}
          onAction={(asked) => (action.value = asked)}
        />
      )}
      {isForAll.value && (
        <MatchDialog
          filter={filter}
          onClose={(hasActed) => {
            isForAll.value = false;
            if (!hasActed) return;
            chosen.value = new Set();
            void list.refresh();
          }}
        />
      )}
      {action.value && (
        <BulkDialog
          action={action.value}
          instances={instances}
          onClose={(hasActed) => {
            action.value = undefined;
            if (!hasActed) return;
            chosen.value = new Set();
            void list.refresh();
          }}
        />
      )}
    </div>
  );
}

function InstanceGrid(props: {
  readonly list: InstanceList;
  readonly chosen: { value: ReadonlySet<string> };
  /** The id of the row that the keys have led to. */
  readonly active: { value: string | undefined };
}) {
  const { list, chosen, active } = props;
  const rows = list.rows.value;
  const isCompact = useCompact();
  const choose = (ids: readonly string[], isChosen: boolean): void => {
    const changed = new Set(chosen.value);
    for (const id of ids) {
      if (isChosen) changed.add(id);
      else changed.delete(id);
    }
    chosen.value = changed;
  };
  const activeIndex = rows.findIndex(({ instanceId }) => instanceId === active.value);
  const allChosen = rows.length > 0 && rows.every(({ instanceId }) => chosen.value.has(instanceId));
  return (
    <section class="grid" aria-label="Instances">
      <div class="row row-head" aria-hidden="true">
        <span class="cell-check">
          <input
            type="checkbox"
            tabIndex={-1}
            title="All that are loaded"
            checked={allChosen}
            onChange={() => {
              choose(
                rows.map(({ instanceId }) => instanceId),
                !allChosen,
              );
            }}
          />
        </span>
        <span>Status</span>
        <span>Instance</span>
        <span>Orchestrator</span>
        <span>Created</span>
        <span>Updated</span>
        <span class="cell-number">Lasted</span>
      </div>
      <VirtualRows
        id={GRID_ID}
        label="Instances, the newest first. Arrows move, space chooses, enter opens."
        rows={rows}
        rowHeightPx={isCompact ? COMPACT_ROW_PX : ROW_PX}
        keyOf={({ instanceId }) => instanceId}
        activeIndex={activeIndex}
        onMove={(index) => (active.value = rows[index]?.instanceId)}
        onKey={(event) => {
          const row = rows[activeIndex];
          if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            choose(
              rows.map(({ instanceId }) => instanceId),
              !allChosen,
            );
          } else if (row && event.key === ' ') {
            event.preventDefault();
            choose([row.instanceId], !chosen.value.has(row.instanceId));
          } else if (row && event.key === 'Enter' && event.target === event.currentTarget) {
            goTo(routeHref(['instances', row.instanceId]));
          }
        }}
        onEnd={() => {
          if (!list.isSearch) void list.more();
        }}
        renderRow={(row, index) => (
          <InstanceRow
            key={row.instanceId}
            row={row}
            index={index}
            isActive={row.instanceId === active.value}
            isChosen={chosen.value.has(row.instanceId)}
            onChoose={(isChosen) => {
              choose([row.instanceId], isChosen);
            }}
          />
        )}
      />
    </section>
  );
}

/** The id of the instance whose page was shown before this one. */
function instanceBefore(): string | undefined {
  const [page, id] = cameFrom();
  return page === 'instances' ? id : undefined;
}

function InstanceRow(props: {
  readonly row: InstanceStatus;
  readonly index: number;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly onChoose: (isChosen: boolean) => void;
}) {
  const { row, index, isActive, isChosen, onChoose } = props;
  return (
    <div
      id={rowId(row.instanceId)}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isChosen}
      class={`row ${isActive ? 'is-active' : ''}`}
    >
      <span role="gridcell" class="cell-check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Choose ${row.instanceId}`}
          checked={isChosen}
          onChange={(event) => {
            onChoose(event.currentTarget.checked);
          }}
        />
      </span>
      <span role="gridcell" class="cell-status">
        <StatusChip status={row.runtimeStatus} />
      </span>
      <span role="gridcell" class="cell-id">
        <a href={routeHref(['instances', row.instanceId])} tabIndex={-1} title={row.instanceId}>
          {row.instanceId}
        </a>
      </span>
      <span role="gridcell" class="cell-name" title={row.name}>
        {row.name}
      </span>
      <span role="gridcell" class="cell-created">
        <Ago time={row.createdTime} />
      </span>
      <span role="gridcell" class="cell-updated">
        <Ago time={row.lastUpdatedTime} />
      </span>
      <span role="gridcell" class="cell-number">
        {lastedText(row)}
      </span>
    </div>
  );
}

function BulkBar(props: {
  readonly instances: readonly InstanceStatus[];
  readonly onAction: (action: InstanceAction) => void;
  readonly onClear: () => void;
}) {
  const { instances, onAction, onClear } = props;
  return (
    <div class="bulk" role="toolbar" aria-label="The chosen instances" aria-controls={GRID_ID}>
      <strong>{instances.length} chosen</strong>
      {ACTIONS.filter(isOffered).map((action) => (
        <button
          key={action.name}
          type="button"
          class={action.isDangerous ? 'danger-quiet' : ''}
          disabled={!instances.some(({ runtimeStatus }) => isPossible(action, runtimeStatus))}
          onClick={() => {
            onAction(action);
          }}
        >
          {action.label}
        </button>
      ))}
      <button type="button" class="quiet" onClick={onClear} aria-label="Choose none">
        <Icon name="close" />
      </button>
    </div>
  );
}

/** What a search has looked at, and that there may be more. */
function SearchBar({ list }: { readonly list: InstanceList }) {
  if (list.state.value === 'loading') return null;
  const isBusy = list.isAsking.value;
  // A button that is disabled loses the focus.
  const once = (work: () => Promise<void>) => () => {
    if (!isBusy) void work();
  };
  return (
    <p class="note search-note" role="status">
      {list.hasMore.value
        ? `${seenText(list.seen.value)}, one by one; there are more.`
        : `${seenText(list.seen.value)}: all that there are.`}
      {list.hasMore.value && (
        <button type="button" aria-disabled={isBusy} onClick={once(() => list.more())}>
          Look at {LOOKED_AT_ONCE.toLocaleString('en')} more
        </button>
      )}
      <button
        type="button"
        class="quiet"
        aria-disabled={isBusy}
        onClick={once(() => list.refresh())}
      >
        Search anew
      </button>
    </p>
  );
}

function Nothing(props: { readonly filter: InstanceFilter; readonly mayLookOn: boolean }) {
  const { filter, mayLookOn } = props;
  return (
    <div class="empty">
      {isEmptyFilter(filter) ? (
        <>
          <p>There is no instance in this task hub yet.</p>
          <p class="muted">
            Start one by a function of the app, or with <code>func durable start-new</code>.
          </p>
        </>
      ) : (
        <p>No instance {mayLookOn ? 'that was looked at ' : ''}matches this filter.</p>
      )}
    </div>
  );
}

function countText(list: InstanceList): string {
  const { length } = list.rows.value;
  if (list.state.value === 'loading') return 'loading …';
  if (length === 0 && list.error.value !== undefined) return '';
  if (list.isSearch) return `${length.toLocaleString('en')} found`;
  const more = list.hasMore.value ? ', more below' : '';
  const order = list.isOrdered.value
    ? ''
    : '; this storage lists by id: more rows may come between these';
  return `${length.toLocaleString('en')} loaded${more}${order}`;
}

function namesOf(rows: readonly InstanceStatus[], filter: InstanceFilter): readonly string[] {
  const names = new Set(rows.map(({ name }) => name));
  if (filter.name !== '') names.add(filter.name);
  return [...names].sort();
}

/** Until it ended, or until now. */
function lastedText({ runtimeStatus, createdTime, lastUpdatedTime }: InstanceStatus): string {
  const until = isTerminal(runtimeStatus) ? Date.parse(lastUpdatedTime) : now.value;
  const ms = until - Date.parse(createdTime);
  // Lists tell times to the second.
  return ms < 1_000 ? '< 1 s' : durationText(ms);
}

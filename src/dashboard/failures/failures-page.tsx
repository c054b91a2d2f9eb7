/** What went wrong, by cause, and what can be done about all of it at once. */
import { useSignal } from '@preact/signals';
import type { InstanceStatus } from '../api.ts';
import { BulkDialog } from '../instances/bulk-dialog.tsx';
import { ACTIONS, isOffered, type InstanceAction } from '../instances/instance-action.ts';
import { createdWithin, type SpanName, SpanSelect } from '../instances/span-select.tsx';
import { LiveButton } from '../parts/live.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { Ago } from '../parts/time.tsx';
import type { FailureGroup, Failures } from '../overview/hub-answers.ts';
import { routeHref } from '../route.ts';
import { session } from '../shell/session.ts';
import { Sparkline } from './sparkline.tsx';

const EVERY_MS = 15_000;
const SHOWN_IDS = 5;
const GROUP_ACTIONS = ACTIONS.filter(({ name }) => name === 'rewind' || name === 'purge');

export function FailuresPage() {
  const span = useSignal<SpanName>('7d');
  const spanName = span.value;
  const failures = usePolled<Failures>(['failures'], () => createdWithin(spanName), [spanName], {
    everyMs: EVERY_MS,
  });
  const chosen = useSignal<
    { readonly group: FailureGroup; readonly action: InstanceAction } | undefined
  >(undefined);
  const told = failures.answer.value;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Failures</h1>
        <SpanSelect span={span} />
        {told?.isComplete === false && <p class="muted">The latest ones only.</p>}
        <LiveButton />
      </header>
      <Problem text={failures.error.value} />
      <Loading of={failures} />
      {told?.groups.length === 0 && (
        <div class="empty">
          <p>Nothing has failed.</p>
        </div>
      )}
      <div class="failures">
        {told?.groups.map((group) => (
          <Group
            key={`${group.name}\n${group.signature}`}
            group={group}
            onAction={(action) => (chosen.value = { group, action })}
          />
        ))}
      </div>
      {chosen.value && (
        <BulkDialog
          action={chosen.value.action}
          instances={chosen.value.group.instanceIds.map((id) => failed(id, chosen.value?.group))}
          onClose={() => {
            chosen.value = undefined;
            void failures.refresh();
          }}
        />
      )}
    </div>
  );
}

function Group(props: {
  readonly group: FailureGroup;
  readonly onAction: (action: InstanceAction) => void;
}) {
  const { group, onAction } = props;
  const { count, name, message, place, counts, firstTime, lastTime, instanceIds } = group;
  return (
    <article class="card failure" aria-label={group.signature}>
      <div class="failure-head">
        <strong class="failure-count">{count.toLocaleString('en')}</strong>
        <div>
          <pre class="failure-text" tabIndex={0} role="group" aria-label="The latest message">
            {message}
          </pre>
          <p class="muted">
            {name}, last <Ago time={lastTime} />
            {count > 1 && (
              <>
                , first <Ago time={firstTime} />
              </>
            )}
          </p>
          {place !== null && (
            <p class="failure-place">
              <span class="muted">at</span> <code title={place}>{shortPlace(place)}</code>
            </p>
          )}
        </div>
        <Sparkline counts={counts} />
      </div>
      <footer>
        <span class="failure-ids">
          {instanceIds.slice(0, SHOWN_IDS).map((id) => (
            <a key={id} href={routeHref(['instances', id])}>
              <code>{id}</code>
            </a>
          ))}
          {count > SHOWN_IDS && (
            <span class="muted">and {(count - SHOWN_IDS).toLocaleString('en')} more</span>
          )}
        </span>
        {session.value?.isReadOnly === false &&
          GROUP_ACTIONS.filter(isOffered).map((action) => (
            <button
              key={action.name}
              type="button"
              class={action.isDangerous ? 'danger-quiet' : ''}
              onClick={() => {
                onAction(action);
              }}
            >
              {action.label} {count > 1 ? instanceIds.length : ''}
            </button>
          ))}
      </footer>
    </article>
  );
}

/** With the end of the path, which tells the file: `charge (…/orders/charge.js:12:9)`. */
function shortPlace(place: string): string {
  return place.replace(
    /(?:file:\/\/)?(?:[A-Za-z]:)?[\\/][^()]*[\\/]([^\\/()]+[\\/][^\\/()]+)/,
    '…/$1',
  );
}

/** As much of an instance as an action has to know. */
function failed(instanceId: string, group: FailureGroup | undefined): InstanceStatus {
  return {
    instanceId,
    name: group?.name ?? '',
    runtimeStatus: 'Failed',
    input: null,
    customStatus: null,
    output: null,
    createdTime: group?.firstTime ?? '',
    lastUpdatedTime: group?.lastTime ?? '',
  };
}

/** One entity: its state, who has it to himself, what waits for it, and signals to it. */
import { useSignal } from '@preact/signals';
import type { Json } from '../exact-json.ts';
import { JsonCard } from '../parts/json-view.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { LiveButton } from '../parts/live.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { TableCard } from '../parts/table-card.tsx';
import { Ago, DueIn } from '../parts/time.tsx';
import { routeHref } from '../route.ts';
import { mayChange } from '../shell/session.ts';
import { InstanceLink } from '../parts/instance-link.tsx';
import { pathOfEntity } from './entity-path.ts';
import { SignalDialog } from './signal-dialog.tsx';

/** As GET /entities/{name}/{key}/status tells. */
interface EntityStatus {
  readonly exists: boolean;
  readonly lastOperationTime: string;
  readonly lockedBy: string | null;
  readonly queueLength: number;
  readonly queue: readonly {
    readonly id: string;
    /** null: asks for the lock. */
    readonly operation: string | null;
    readonly isSignal: boolean;
    readonly input: string | null;
    readonly parentInstanceId: string | null;
    readonly due: string | null;
  }[];
  readonly state: Json;
}

export function EntityPage({
  name,
  entityKey,
}: {
  readonly name: string;
  readonly entityKey: string;
}) {
  const path = pathOfEntity(name, entityKey);
  const asked = usePolled<EntityStatus>([...path, 'status'], () => ({}), [name, entityKey]);
  const { answer, error, refresh } = asked;
  const isSignalling = useSignal(false);
  const told = answer.value;
  return (
    <div class="page">
      <header class="instance-head">
        <div class="page-head">
          <a href={routeHref(['entities'])}>Entities</a>
          <span aria-hidden="true">/</span>
          <span>{name}</span>
          <LiveButton />
        </div>
        <h1>
          {entityKey} <CopyButton what="the key" text={entityKey} />
        </h1>
        {told && (
          <dl class="facts">
            <div>
              <dt>Last operation</dt>
              <dd>
                <Ago time={told.lastOperationTime} />
              </dd>
            </div>
            <div>
              <dt>Locked by</dt>
              <dd>{told.lockedBy === null ? 'nobody' : <InstanceLink id={told.lockedBy} />}</dd>
            </div>
            {!told.exists && (
              <div>
                <dt>State</dt>
                <dd>none: it was deleted, or never had one</dd>
              </div>
            )}
          </dl>
        )}
      </header>
      <Problem text={error.value} />
      {mayChange.value && (
        <div class="actions" role="toolbar" aria-label="Actions">
          <button type="button" onClick={() => (isSignalling.value = true)}>
            Signal
          </button>
        </div>
      )}
      <Loading of={asked} />
      {told && (
        <div class="stack-cards">
          {told.exists && <JsonCard title="State" value={told.state} />}
          {told.queueLength > 0 && <Waiting status={told} />}
        </div>
      )}
      {isSignalling.value && (
        <SignalDialog
          name={name}
          entityKey={entityKey}
          onClose={(hasActed) => {
            isSignalling.value = false;
            if (hasActed) void refresh();
          }}
        />
      )}
    </div>
  );
}

function Waiting({ status: { queue, queueLength } }: { readonly status: EntityStatus }) {
  return (
    <TableCard
      title="Operations that wait"
      note={
        queueLength > queue.length ? `the first ${queue.length} of ${queueLength}` : queueLength
      }
      columns={['Operation', 'From', 'Input', 'Due']}
    >
      {queue.map(({ id, operation, isSignal, input, parentInstanceId, due }) => (
        <tr key={id}>
          <td>
            {operation ?? 'asks for the lock'} {isSignal && <span class="muted">signal</span>}
          </td>
          <td>{parentInstanceId !== null && <InstanceLink id={parentInstanceId} />}</td>
          <td class="cell-text">
            <code>{input}</code>
          </td>
          <td>{due !== null && <DueIn time={due} />}</td>
        </tr>
      ))}
    </TableCard>
  );
}

/** The entities of the hub, with their states. */
import { useSignal } from '@preact/signals';
import { jsonText, type Json } from '../exact-json.ts';
import { entityHref } from '../parts/instance-link.tsx';
import { LiveButton } from '../parts/live.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { Ago } from '../parts/time.tsx';

const SHOWN = 200;
const SHORT_STATE_LENGTH = 120;

/** As GET /entities shows it. */
interface Entity {
  readonly entityId: { readonly name: string; readonly key: string };
  readonly lastOperationTime: string;
  readonly state: Json;
}

export function EntitiesPage() {
  const sought = useSignal('');
  const query = () => ({ fetchState: true, top: SHOWN });
  const asked = usePolled<readonly Entity[]>(['entities'], query, [], {
    everyMs: 5_000,
  });
  const { answer, error } = asked;
  const all = answer.value ?? [];
  const wanted = sought.value.trim().toLowerCase();
  const shown = all.filter(({ entityId: { name, key } }) =>
    `${name} ${key}`.toLowerCase().includes(wanted),
  );
  return (
    <div class="page">
      <header class="page-head">
        <h1>Entities</h1>
        <input
          type="search"
          placeholder="Name or key"
          aria-label="Name or key"
          value={sought.value}
          onInput={(event) => (sought.value = event.currentTarget.value)}
        />
        {all.length >= SHOWN && <p class="muted">The first {SHOWN} only.</p>}
        <LiveButton />
      </header>
      <Problem text={error.value} />
      <Loading of={asked} />
      {answer.value !== undefined && shown.length === 0 && (
        <div class="empty">
          <p>{all.length === 0 ? 'There is no entity in this task hub.' : 'No entity matches.'}</p>
        </div>
      )}
      {shown.length > 0 && (
        <div class="entity entity-head muted" aria-hidden="true">
          <span>Entity</span>
          <span>Key</span>
          <span>State</span>
          <span>Last operation</span>
        </div>
      )}
      <div class="failures" data-list>
        {shown.map((entity) => (
          <EntityRow key={`@${entity.entityId.name}@${entity.entityId.key}`} entity={entity} />
        ))}
      </div>
    </div>
  );
}

function EntityRow({ entity }: { readonly entity: Entity }) {
  const { entityId, lastOperationTime, state } = entity;
  const { name, key } = entityId;
  return (
    <a class="entity card" href={entityHref(name, key)}>
      <strong>{name}</strong>
      <code>{key}</code>
      <code class="entity-state">{jsonText(state, 0).slice(0, SHORT_STATE_LENGTH)}</code>
      <span class="muted">
        <Ago time={lastOperationTime} />
      </span>
    </a>
  );
}

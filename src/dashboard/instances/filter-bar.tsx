/** The form above the list. */
import { useSignal } from '@preact/signals';
import type { RuntimeStatus } from '../../core/instance-status.ts';
import { Icon } from '../parts/icon.tsx';
import { STATUS_LABELS } from '../parts/status-chip.tsx';
import {
  EMPTY_FILTER,
  FILTER_STATUSES,
  isEmptyFilter,
  isSearch,
  type InstanceFilter,
} from './instance-filter.ts';
import { SearchFields } from './search-fields.tsx';
import { SpanOptions } from './span-select.tsx';
import { Typed } from './typed-field.tsx';

export interface FilterBarProps {
  readonly filter: InstanceFilter;
  /** To choose from. */
  readonly names: readonly string[];
  /** What was typed a moment ago may come when another member has changed since: only what changes is told. */
  readonly onChange: (part: Partial<InstanceFilter>) => void;
}

export function FilterBar({ filter, names, onChange }: FilterBarProps) {
  const isRange = useSignal(filter.to !== '' || isTime(filter.from));
  const wantsSearch = useSignal(false);
  const hasSearch = isSearch(filter) || filter.longer !== '' || filter.shorter !== '';
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <div class="chips" role="group" aria-label="Status">
        {FILTER_STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            class={`chip status status-${status}`}
            aria-pressed={filter.statuses.includes(status)}
            onClick={() => {
              onChange({ statuses: toggled(filter.statuses, status) });
            }}
          >
            {STATUS_LABELS[status]}
          </button>
        ))}
      </div>
      <Typed
        id="search"
        label="Id begins with"
        hint="Id prefix"
        value={filter.idPrefix}
        onChange={(idPrefix) => {
          onChange({ idPrefix });
        }}
      />
      <Typed
        id="name"
        label="Orchestrator"
        hint="Name"
        value={filter.name}
        choices={names}
        onChange={(name) => {
          onChange({ name });
        }}
      />
      <select
        aria-label="Created"
        value={isRange.value ? 'range' : filter.from}
        onChange={(event) => {
          const { value } = event.currentTarget;
          isRange.value = value === 'range';
          if (value !== 'range') onChange({ from: value, to: '' });
        }}
      >
        <option value="">created ever</option>
        <SpanOptions />
        <option value="range">from … to …</option>
      </select>
      {isRange.value && (
        <>
          <TimeInput
            label="Created from"
            value={filter.from}
            onChange={(from) => {
              onChange({ from });
            }}
          />
          <TimeInput
            label="Created to"
            value={filter.to}
            onChange={(to) => {
              onChange({ to });
            }}
          />
        </>
      )}
      {!hasSearch && (
        <button
          type="button"
          aria-expanded={wantsSearch.value}
          onClick={() => (wantsSearch.value = !wantsSearch.value)}
        >
          <Icon name={wantsSearch.value ? 'down' : 'right'} /> More
        </button>
      )}
      {!isEmptyFilter(filter) && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isRange.value = false;
            onChange(EMPTY_FILTER);
          }}
        >
          <Icon name="close" /> Clear
        </button>
      )}
      {(hasSearch || wantsSearch.value) && <SearchFields filter={filter} onChange={onChange} />}
    </form>
  );
}

function TimeInput(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <input
      type="datetime-local"
      aria-label={props.label}
      value={isTime(props.value) ? props.value : ''}
      onChange={(event) => {
        props.onChange(event.currentTarget.value);
      }}
    />
  );
}

function isTime(text: string): boolean {
  return /^\d{4}-/.test(text);
}

function toggled(
  statuses: readonly RuntimeStatus[],
  status: RuntimeStatus,
): readonly RuntimeStatus[] {
  return statuses.includes(status)
    ? statuses.filter((each) => each !== status)
    : [...statuses, status];
}

/** The form above the list. What is typed counts when the typing pauses, what is chosen at once. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { RuntimeStatus } from '../../core/instance-status.ts';
import { Icon } from '../parts/icon.tsx';
import { STATUS_LABELS } from '../parts/status-chip.tsx';
import {
  EMPTY_FILTER,
  FILTER_STATUSES,
  isEmptyFilter,
  type InstanceFilter,
} from './instance-filter.ts';
import { SpanOptions } from './span-select.tsx';

const TYPING_PAUSE_MS = 300;

export interface FilterBarProps {
  readonly filter: InstanceFilter;
  /** To choose from. */
  readonly names: readonly string[];
  readonly onChange: (filter: InstanceFilter) => void;
}

export function FilterBar({ filter, names, onChange }: FilterBarProps) {
  const isRange = useSignal(filter.to !== '' || isTime(filter.from));
  const change = (part: Partial<InstanceFilter>): void => {
    onChange({ ...filter, ...part });
  };
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
              change({ statuses: toggled(filter.statuses, status) });
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
          change({ idPrefix });
        }}
      />
      <Typed
        id="name"
        label="Orchestrator"
        hint="Name"
        value={filter.name}
        choices={names}
        onChange={(name) => {
          change({ name });
        }}
      />
      <select
        aria-label="Created"
        value={isRange.value ? 'range' : filter.from}
        onChange={(event) => {
          const { value } = event.currentTarget;
          isRange.value = value === 'range';
          if (value !== 'range') change({ from: value, to: '' });
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
              change({ from });
            }}
          />
          <TimeInput
            label="Created to"
            value={filter.to}
            onChange={(to) => {
              change({ to });
            }}
          />
        </>
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
    </form>
  );
}

function Typed(props: {
  readonly id: string;
  readonly label: string;
  /** What is seen as long as nothing is typed. */
  readonly hint: string;
  readonly value: string;
  readonly choices?: readonly string[];
  readonly onChange: (value: string) => void;
}) {
  const { id, label, hint, value, choices = [], onChange } = props;
  const timer = useRef<number | undefined>(undefined);
  const typed = useSignal(value);
  // The address has changed.
  useEffect(() => {
    typed.value = value;
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return (
    <>
      <input
        id={id}
        type="search"
        list={choices.length > 0 ? `${id}-choices` : undefined}
        placeholder={hint}
        title={label}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => {
          const text = event.currentTarget.value;
          typed.value = text;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            onChange(text.trim());
          }, TYPING_PAUSE_MS);
        }}
      />
      {choices.length > 0 && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </>
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

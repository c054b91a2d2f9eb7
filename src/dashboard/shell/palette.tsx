/** Ctrl+K: wherever the page can lead, and whatever instance begins with what is typed. */
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, callApi, type InstanceStatus } from '../api.ts';
import { onLeave, useModal } from '../parts/dialog.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { goTo, routeHref } from '../route.ts';
import { nextTheme } from './theme.ts';

export interface PaletteEntry {
  readonly label: string;
  readonly note: string;
  readonly icon: IconName;
  readonly run: () => void;
}

export const isPaletteOpen = signal(false);

/** Somebody is still typing. */
const PAUSE_MS = 120;
const FOUND = 8;

export function Palette({ pages }: { readonly pages: readonly PaletteEntry[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = useSignal('');
  const active = useSignal(0);
  const found = useSignal<readonly InstanceStatus[]>([]);
  const sought = text.value.trim();
  useModal(dialog);
  useEffect(() => {
    const closing = new AbortController();
    const timer = setTimeout(() => void find(sought, closing.signal), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      closing.abort();
    };
  }, [sought]);
  const find = async (instanceIdPrefix: string, abort: AbortSignal): Promise<void> => {
    try {
      found.value = instanceIdPrefix === '' ? [] : await instancesOf(instanceIdPrefix, abort);
    } catch (error) {
      if (!abort.aborted && !(error instanceof ApiError)) throw error;
    }
  };
  const close = (): void => {
    isPaletteOpen.value = false;
  };
  const entries = entriesOf(sought, pages, found.value);
  const at = Math.min(active.value, entries.length - 1);
  const run = (entry: PaletteEntry | undefined): void => {
    close();
    entry?.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      active.value = (at + step + entries.length) % entries.length;
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(entries[at]);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="palette wide"
      aria-label="Go to"
      {...onLeave(close)}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label="A page, or how the id of an instance begins"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={entries.length === 0 ? undefined : `palette-${at}`}
        autocomplete="off"
        spellcheck={false}
        autofocus
        placeholder="A page, or how the id of an instance begins"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          active.value = 0;
        }}
        onKeyDown={onKey}
      />
      <div id="palette-list" role="listbox" aria-label="Where to">
        {entries.map((entry, n) => (
          <div
            key={`${entry.note} ${entry.label}`}
            id={`palette-${n}`}
            role="option"
            aria-selected={n === at}
            onClick={() => {
              run(entry);
            }}
          >
            <Icon name={entry.icon} />
            <span>{entry.label}</span>
            <span class="muted">{entry.note}</span>
          </div>
        ))}
      </div>
      <p class="muted palette-keys">
        <kbd>Ctrl K</kbd> opens this, <kbd>/</kbd> searches in a page, <kbd>↑</kbd> <kbd>↓</kbd>{' '}
        move in lists.
      </p>
    </dialog>
  );
}

async function instancesOf(
  instanceIdPrefix: string,
  abort: AbortSignal,
): Promise<readonly InstanceStatus[]> {
  const { body } = await callApi(['instances'], {
    query: {
      instanceIdPrefix,
      top: FOUND,
      excludeEntities: true,
      showInput: false,
      showOutput: false,
    },
    signal: abort,
  });
  return body as unknown as readonly InstanceStatus[];
}

/** What is typed is also taken for a whole id: a list by prefix may end before it. */
function entriesOf(
  sought: string,
  pages: readonly PaletteEntry[],
  found: readonly InstanceStatus[],
): readonly PaletteEntry[] {
  const colours: PaletteEntry = {
    label: 'Change the colours',
    note: 'light, dark, or the system’s',
    icon: 'half',
    run: nextTheme,
  };
  const wanted = sought.toLowerCase();
  const fixed = [...pages, colours].filter(({ label }) => label.toLowerCase().includes(wanted));
  const instances = found.map(({ instanceId, name, runtimeStatus }) =>
    toInstance(instanceId, `${name}, ${runtimeStatus}`),
  );
  const isFound = found.some(({ instanceId }) => instanceId === sought);
  const exact = sought === '' || isFound ? [] : [toInstance(sought, 'the instance of this id')];
  return [...fixed, ...instances, ...exact];
}

function toInstance(instanceId: string, note: string): PaletteEntry {
  return {
    label: instanceId,
    note,
    icon: 'list',
    run: () => {
      goTo(routeHref(['instances', instanceId]));
    },
  };
}

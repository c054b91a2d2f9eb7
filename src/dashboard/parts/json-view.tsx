/**
 * A payload as a tree that opens and closes, with a search in it. Long texts and lists are shown in part until somebody wants more,
 * so that a payload of megabytes does not stop the page.
 */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { ExactNumber, isList, isObject, jsonText, type Json } from '../exact-json.ts';
import { CopyButton } from './copy-button.tsx';

const MEMBERS_AT_ONCE = 100;
const TEXT_AT_ONCE = 2_000;
/** Deeper levels are closed at first. */
const OPEN_LEVELS = 2;
/** Where there is enough to search in. */
const MIN_SEARCHED_LENGTH = 400;

/** A payload with its title, search and a button that copies it. */
export function JsonCard(props: {
  readonly title: string;
  readonly value: Json;
  /** Deeper ones are closed at first. @default 2 */
  readonly openLevels?: number;
}) {
  const { title, value, openLevels = OPEN_LEVELS } = props;
  const sought = useSignal('');
  const text = jsonText(value);
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {text.length > MIN_SEARCHED_LENGTH && (
          <input
            type="search"
            class="json-search"
            placeholder="Find"
            aria-label={`Find in ${title}`}
            value={sought.value}
            onInput={(event) => (sought.value = event.currentTarget.value)}
          />
        )}
        <CopyButton what={title} text={text} />
      </header>
      <JsonView value={value} sought={sought.value} label={title} openLevels={openLevels} />
    </section>
  );
}

function JsonView(props: {
  readonly value: Json;
  readonly label: string;
  readonly sought?: string;
  readonly openLevels: number;
}) {
  const { value, label, sought = '', openLevels } = props;
  const wanted = sought.trim().toLowerCase();
  return (
    <div class="json" tabIndex={0} role="group" aria-label={label}>
      <Value value={value} level={OPEN_LEVELS - openLevels} sought={wanted} />
      {wanted !== '' && !holds(value, wanted) && <p class="muted">Not found.</p>}
    </div>
  );
}

interface ValueProps {
  /** Stands before the value. */
  readonly label?: ComponentChildren;
  readonly value: Json;
  readonly level: number;
  /** In lower case; empty for nothing. */
  readonly sought: string;
}

function Value({ label, value, level, sought }: ValueProps) {
  const around = { label, level, sought };
  if (isList(value)) {
    const members = value.map((each, n) => [String(n), each] as const);
    return <Members kind="list" members={members} {...around} />;
  }
  if (isObject(value)) {
    return <Members kind="object" members={Object.entries(value)} {...around} />;
  }
  return (
    <>
      {label}
      <Scalar value={value} sought={sought} />
    </>
  );
}

function Scalar({ value, sought }: Pick<ValueProps, 'value' | 'sought'>) {
  if (typeof value === 'string') return <Text text={value} sought={sought} />;
  const isNumber = typeof value === 'number' || value instanceof ExactNumber;
  return (
    <span class={isNumber ? 'number' : 'word'}>
      <Marked text={jsonText(value)} sought={sought} />
    </span>
  );
}

function Members(props: {
  readonly label: ComponentChildren;
  readonly kind: 'list' | 'object';
  readonly members: readonly (readonly [name: string, value: Json])[];
  readonly level: number;
  readonly sought: string;
}) {
  const { label, kind, members, level, sought } = props;
  const shown = useSignal(MEMBERS_AT_ONCE);
  const [open, end] = kind === 'list' ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) {
    return (
      <>
        {label}
        <span class="muted">{open + end}</span>
      </>
    );
  }
  const isFound = sought !== '' && members.some(([name, value]) => matches(name, value, sought));
  const seen = isFound ? members.filter(([name, value]) => matches(name, value, sought)) : members;
  return (
    <details open={level < OPEN_LEVELS || isFound}>
      <summary>
        {label}
        <span class="muted">
          {open} {members.length} {end}
        </span>
      </summary>
      <ul>
        {seen.slice(0, shown.value).map(([name, value]) => (
          <li key={name}>
            <Value
              label={<Name kind={kind} name={name} sought={sought} />}
              value={value}
              level={level + 1}
              sought={sought}
            />
          </li>
        ))}
        {seen.length > shown.value && (
          <li>
            <button type="button" class="quiet" onClick={() => (shown.value += 1_000)}>
              {seen.length - shown.value} more …
            </button>
          </li>
        )}
      </ul>
    </details>
  );
}

function Name(props: {
  readonly kind: 'list' | 'object';
  readonly name: string;
  readonly sought: string;
}) {
  const { kind, name, sought } = props;
  return (
    <>
      {kind === 'object' ? (
        <span class="name">
          <Marked text={name} sought={sought} />
        </span>
      ) : (
        <span class="muted">{name}</span>
      )}
      {': '}
    </>
  );
}

function Text({ text, sought }: { readonly text: string; readonly sought: string }) {
  const isWhole = useSignal(text.length <= TEXT_AT_ONCE);
  // The character is not cut in two.
  const shown = isWhole.value ? text : text.slice(0, TEXT_AT_ONCE).replace(/[\ud800-\udbff]$/, '');
  return (
    <span class="text">
      "<Marked text={shown} sought={sought} />
      {isWhole.value ? (
        '"'
      ) : (
        <button type="button" class="quiet" onClick={() => (isWhole.value = true)}>
          … {text.length - shown.length} characters more
        </button>
      )}
    </span>
  );
}

function Marked({ text, sought }: { readonly text: string; readonly sought: string }) {
  if (sought === '') return <>{text}</>;
  const parts: ComponentChildren[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  // A lower-case text of another length has its places elsewhere.
  for (let at = lower.indexOf(sought); at !== -1 && lower.length === text.length;) {
    parts.push(text.slice(from, at), <mark>{text.slice(at, at + sought.length)}</mark>);
    from = at + sought.length;
    at = lower.indexOf(sought, from);
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}

function matches(name: string, value: Json, sought: string): boolean {
  return name.toLowerCase().includes(sought) || holds(value, sought);
}

function holds(value: Json, sought: string): boolean {
  if (isList(value)) return value.some((each) => holds(each, sought));
  if (isObject(value)) {
    return Object.entries(value).some(([name, member]) => matches(name, member, sought));
  }
  const text = typeof value === 'string' ? value : jsonText(value);
  return text.toLowerCase().includes(sought);
}

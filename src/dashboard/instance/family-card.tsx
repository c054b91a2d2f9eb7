/** Who has called the instance, and whom it has called, with the states that they have now. What is deeper is asked for when it is opened. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { RuntimeStatus } from '../../core/instance-status.ts';
import type { InstanceStatus } from '../api.ts';
import { Icon } from '../parts/icon.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { routeHref } from '../route.ts';

const EVERY_MS = 5_000;
const CHILDREN_AT_ONCE = 50;
/** The host tells no more in one answer. */
const MAX_CHILDREN = 200;
/** Of an id, in characters: what is always shown. */
const END_LENGTH = 8;
/** Deeper levels have pages of their own. */
const MAX_DEPTH = 8;

interface Relative {
  readonly instanceId: string;
  readonly name: string | null;
  /** null: the hub does not have it. */
  readonly runtimeStatus: RuntimeStatus | null;
}

/** As GET …/parents tells. */
interface Parents {
  /** The nearest first. */
  readonly parents: readonly Relative[];
  readonly isComplete: boolean;
}

/** As GET …/children tells. */
interface Children {
  readonly total: number;
  readonly children: readonly (Relative & { readonly taskScheduledId: number })[];
}

export function FamilyCard({ status }: { readonly status: InstanceStatus }) {
  const { instanceId } = status;
  const { answer, error } = usePolled<Parents>(
    ['instances', instanceId, 'parents'],
    () => ({}),
    [instanceId],
    { everyMs: EVERY_MS },
  );
  const told = answer.value;
  const parents = told?.parents.toReversed() ?? [];
  return (
    <section class="card" aria-label="Parents and children">
      <header>
        <h2>Parents and children</h2>
      </header>
      <Problem text={error.value} />
      <div class="family" tabIndex={0} role="group" aria-label="Tree">
        {told?.isComplete === false && <p class="muted">… and further parents</p>}
        <Chain parents={parents}>
          <Member relative={status} isHere>
            <ChildList instanceId={instanceId} depth={0} />
          </Member>
        </Chain>
      </div>
    </section>
  );
}

/** Each in the one that has called it. */
function Chain(props: {
  readonly parents: readonly Relative[];
  readonly children: ComponentChildren;
}) {
  const [first, ...rest] = props.parents;
  if (first === undefined) return <ul>{props.children}</ul>;
  return (
    <ul>
      <Member relative={first}>
        <Chain parents={rest}>{props.children}</Chain>
      </Member>
    </ul>
  );
}

function Member(props: {
  readonly relative: Relative;
  /** @default false */
  readonly isHere?: boolean;
  /** Before the name. */
  readonly toggle?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  const { relative, isHere = false, toggle, children } = props;
  const { instanceId, name, runtimeStatus } = relative;
  return (
    <li aria-current={isHere ? 'true' : undefined}>
      <div class="member">
        {toggle}
        {runtimeStatus === null ? (
          <span class="muted">not in the hub</span>
        ) : (
          <StatusChip status={runtimeStatus} />
        )}
        {isHere ? (
          <strong class="member-id">
            <CutId id={instanceId} />
          </strong>
        ) : (
          // The two parts of it would be read as two words.
          <a class="member-id" aria-label={instanceId} href={routeHref(['instances', instanceId])}>
            <CutId id={instanceId} />
          </a>
        )}
        <span class="muted member-name">{name ?? ''}</span>
      </div>
      {children}
    </li>
  );
}

/** Where it is too long its middle is left out: the ids of children often differ in their ends alone. */
function CutId({ id }: { readonly id: string }) {
  const head = id.slice(0, -END_LENGTH);
  return (
    <>
      {head !== '' && <span>{head}</span>}
      {id.slice(-END_LENGTH)}
    </>
  );
}

function ChildList({ instanceId, depth }: { readonly instanceId: string; readonly depth: number }) {
  const top = useSignal(CHILDREN_AT_ONCE);
  const { answer, error } = usePolled<Children>(
    ['instances', instanceId, 'children'],
    () => ({ top: top.value }),
    [instanceId, top.value],
    { everyMs: EVERY_MS },
  );
  const told = answer.value;
  if (told === undefined) {
    return error.value === undefined ? null : <Problem text={error.value} />;
  }
  if (told.total === 0) return <p class="muted family-note">It has called no other.</p>;
  const left = told.total - told.children.length;
  return (
    <ul>
      {told.children.map((child) => (
        <Child key={child.taskScheduledId} child={child} depth={depth + 1} />
      ))}
      {left > 0 && (
        <li class="family-note muted">
          {left.toLocaleString('en')} more{' '}
          {top.value < MAX_CHILDREN ? (
            <button type="button" onClick={() => (top.value = MAX_CHILDREN)}>
              Show {Math.min(left, MAX_CHILDREN - CHILDREN_AT_ONCE)} of them
            </button>
          ) : (
            <a href={routeHref(['instances'], new URLSearchParams({ parent: instanceId }))}>
              in the list of instances
            </a>
          )}
        </li>
      )}
    </ul>
  );
}

function Child({ child, depth }: { readonly child: Relative; readonly depth: number }) {
  const isOpen = useSignal(false);
  const { instanceId, runtimeStatus } = child;
  const mayOpen = runtimeStatus !== null && depth < MAX_DEPTH;
  const toggle = mayOpen && (
    <button
      type="button"
      class="lane-toggle"
      aria-expanded={isOpen.value}
      aria-label={`Children of ${instanceId}`}
      onClick={() => (isOpen.value = !isOpen.value)}
    >
      <Icon name={isOpen.value ? 'down' : 'right'} />
    </button>
  );
  return (
    <Member relative={child} toggle={toggle}>
      {isOpen.value && <ChildList instanceId={instanceId} depth={depth} />}
    </Member>
  );
}

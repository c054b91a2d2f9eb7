/** One action on many instances: first what it would do, then what became of each. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { InstanceStatus } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { routeHref } from '../route.ts';
import { actionCommands, Commands } from './commands.tsx';
import { isPossible, perform, type InstanceAction } from './instance-action.ts';
import { RewindPlan } from './rewind-plan.tsx';

/** Requests at a time. */
const AT_ONCE = 4;
/** Of many outcomes a picture now and then will do. */
const SHOWN_EVERY_MS = 100;
/** The host may have to be told of many: so many outcomes are shown, failures first. */
const MAX_SHOWN = 200;

interface Outcome {
  readonly instanceId: string;
  readonly isDone: boolean;
  readonly text: string;
  /** Of the instance that a restart has started. */
  readonly newId?: string | undefined;
}

export interface BulkDialogProps {
  readonly action: InstanceAction;
  readonly instances: readonly InstanceStatus[];
  /** @param hasActed whether anything was asked of the host. */
  readonly onClose: (hasActed: boolean) => void;
}

export function BulkDialog({ action, instances, onClose }: BulkDialogProps) {
  const possible = instances.filter(({ runtimeStatus }) => isPossible(action, runtimeStatus));
  const [only] = instances.length === 1 ? instances : [];
  const reason = useSignal('');
  const stage = useSignal<'asking' | 'running' | 'over'>('asking');
  const outcomes = useSignal<readonly Outcome[]>([]);
  const isStopped = useRef(false);
  const total = useRef(0);

  const run = async (): Promise<void> => {
    stage.value = 'running';
    total.current = possible.length;
    const queue = possible.values();
    const known: Outcome[] = [];
    let shownMs = 0;
    const work = async (): Promise<void> => {
      for (const { instanceId } of queue) {
        if (isStopped.current) return;
        known.push(await outcomeOf(action, instanceId, reason.value));
        if (performance.now() - shownMs < SHOWN_EVERY_MS) continue;
        shownMs = performance.now();
        outcomes.value = [...known];
      }
    };
    // They share the queue: each takes what is next.
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    outcomes.value = known;
    stage.value = 'over';
  };
  /** What is on its way is waited for: what became of each is told in any case. */
  const close = (): void => {
    isStopped.current = true;
    if (stage.value !== 'running') onClose(stage.value === 'over');
  };

  return (
    <Dialog title={`${action.label} ${count(instances.length)}`} onClose={close} wide>
      {stage.value === 'asking' ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void run();
          }}
        >
          <p>{action.explanation}</p>
          <Preview action={action} instances={instances} possible={possible} />
          {action.name === 'rewind' && only && <RewindPlan instanceId={only.instanceId} />}
          {action.takesReason && possible.length > 0 && (
            <label class="field">
              Reason, for the history
              <input
                autofocus
                value={reason.value}
                onInput={(event) => (reason.value = event.currentTarget.value)}
              />
            </label>
          )}
          {only && possible.length === 1 && (
            <Commands {...actionCommands(action.name, only.instanceId, reason.value)} />
          )}
          <div class="dialog-buttons">
            <button type="button" onClick={close}>
              Cancel
            </button>
            {possible.length > 0 && (
              <button type="submit" class={action.isDangerous ? 'danger' : 'primary'}>
                {action.label} {possible.length.toLocaleString('en')}
              </button>
            )}
          </div>
        </form>
      ) : (
        <div class="stack">
          <Progress
            action={action}
            outcomes={outcomes.value}
            total={total.current}
            isStopped={stage.value === 'over'}
          />
          <Outcomes outcomes={outcomes.value} />
          <div class="dialog-buttons">
            <button
              type="button"
              class={stage.value === 'over' ? 'primary' : ''}
              onClick={close}
              autofocus
            >
              {stage.value === 'over' ? 'Close' : 'Stop'}
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Preview(props: {
  readonly action: InstanceAction;
  readonly instances: readonly InstanceStatus[];
  readonly possible: readonly InstanceStatus[];
}) {
  const { action, instances, possible } = props;
  const skipped = instances.length - possible.length;
  if (skipped === 0) return null;
  const statuses = [
    ...new Set(
      instances
        .filter(({ runtimeStatus }) => !isPossible(action, runtimeStatus))
        .map(({ runtimeStatus }) => runtimeStatus),
    ),
  ];
  return (
    <p class="note">
      {possible.length === 0 ? 'None of them can be' : `${count(skipped)} cannot be`} {action.done}:
      the status is{' '}
      {statuses.map((status) => (
        <StatusChip key={status} status={status} />
      ))}
    </p>
  );
}

function Progress(props: {
  readonly action: InstanceAction;
  readonly outcomes: readonly Outcome[];
  readonly total: number;
  /** Whether no more will be asked for. */
  readonly isStopped: boolean;
}) {
  const { action, outcomes, total, isStopped } = props;
  const done = outcomes.filter(({ isDone }) => isDone).length;
  const failed = outcomes.length - done;
  return (
    <>
      <progress value={outcomes.length} max={total} aria-label="Progress" />
      <p role="status">
        {done} of {total} {action.done}
        {failed > 0 && <span class="problem">, {failed} not</span>}
        {isStopped && outcomes.length < total && `, ${total - outcomes.length} left as they were`}
      </p>
    </>
  );
}

function Outcomes({ outcomes }: { readonly outcomes: readonly Outcome[] }) {
  const sorted = [...outcomes].sort((a, b) => Number(a.isDone) - Number(b.isDone));
  return (
    <ul class="outcomes" tabIndex={0} aria-label="Outcomes">
      {sorted.slice(0, MAX_SHOWN).map(({ instanceId, isDone, text, newId }) => (
        <li key={instanceId}>
          <code>{instanceId}</code>
          <span class={isDone ? '' : 'problem'}>
            {text}
            {newId !== undefined && (
              <>
                {' '}
                as <a href={routeHref(['instances', newId])}>{newId}</a>
              </>
            )}
          </span>
        </li>
      ))}
      {sorted.length > MAX_SHOWN && (
        <li>… and {(sorted.length - MAX_SHOWN).toLocaleString('en')} more</li>
      )}
    </ul>
  );
}

async function outcomeOf(
  action: InstanceAction,
  instanceId: string,
  reason: string,
): Promise<Outcome> {
  try {
    const newId = await perform(action, instanceId, reason);
    return {
      instanceId,
      isDone: true,
      text: newId === undefined ? action.done : 'restarted',
      newId,
    };
  } catch (error) {
    return {
      instanceId,
      isDone: false,
      text: error instanceof Error ? error.message : String(error),
    };
  }
}

function count(instances: number): string {
  return instances === 1 ? '1 instance' : `${instances.toLocaleString('en')} instances`;
}

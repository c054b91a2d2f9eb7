/** What can be done with the instance that is shown. */
import { useSignal } from '@preact/signals';
import { isTerminal } from '../../core/instance-status.ts';
import type { InstanceStatus } from '../api.ts';
import { BulkDialog } from '../instances/bulk-dialog.tsx';
import {
  ACTIONS,
  isOffered,
  isPossible,
  type InstanceAction,
} from '../instances/instance-action.ts';
import { EventDialog } from './event-dialog.tsx';
import { RestartDialog } from './restart-dialog.tsx';

export interface InstanceActionsProps {
  readonly status: InstanceStatus;
  /** Something was asked of the host. */
  readonly onDone: () => Promise<void>;
}

export function InstanceActions({ status, onDone }: InstanceActionsProps) {
  const action = useSignal<InstanceAction | 'event' | undefined>(undefined);
  const close = (hasActed: boolean): void => {
    action.value = undefined;
    if (hasActed) void onDone();
  };
  const asked = action.value;
  return (
    <div class="actions" role="toolbar" aria-label="Actions">
      {!isTerminal(status.runtimeStatus) && (
        <button type="button" onClick={() => (action.value = 'event')}>
          Raise event
        </button>
      )}
      {ACTIONS.filter((each) => isOffered(each) && isPossible(each, status.runtimeStatus)).map(
        (each) => (
          <button
            key={each.name}
            type="button"
            class={each.isDangerous ? 'danger-quiet' : ''}
            onClick={() => (action.value = each)}
          >
            {each.label}
          </button>
        ),
      )}
      {asked === 'event' && <EventDialog instanceId={status.instanceId} onClose={close} />}
      {asked !== undefined &&
        asked !== 'event' &&
        (asked.name === 'restart' ? (
          <RestartDialog status={status} onClose={close} />
        ) : (
          <BulkDialog action={asked} instances={[status]} onClose={close} />
        ))}
    </div>
  );
}

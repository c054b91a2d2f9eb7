/** What can be done with an instance, one request each. */
import type { RuntimeStatus } from '../../core/instance-status.ts';
import { callApi } from '../api.ts';
import { mayDestroy } from '../shell/session.ts';

export type ActionName = 'terminate' | 'suspend' | 'resume' | 'rewind' | 'restart' | 'purge';

export interface InstanceAction {
  readonly name: ActionName;
  readonly label: string;
  /** What became of an instance: `3 terminated`. */
  readonly done: string;
  readonly statuses: readonly RuntimeStatus[];
  readonly takesReason: boolean;
  /** Whether what it does cannot be undone. */
  readonly isDangerous: boolean;
  /** One sentence for whoever has to decide. */
  readonly explanation: string;
}

const OPEN = ['Running', 'Pending', 'ContinuedAsNew'] as const;
const ENDED = ['Completed', 'Failed', 'Terminated', 'Canceled'] as const;

export const ACTIONS: readonly InstanceAction[] = [
  {
    name: 'suspend',
    label: 'Suspend',
    done: 'suspended',
    statuses: OPEN,
    takesReason: true,
    isDangerous: false,
    explanation: 'No further step is taken until it is resumed. Activities under way finish.',
  },
  {
    name: 'resume',
    label: 'Resume',
    done: 'resumed',
    statuses: ['Suspended'],
    takesReason: true,
    isDangerous: false,
    explanation: 'It goes on where it was suspended.',
  },
  {
    name: 'terminate',
    label: 'Terminate',
    done: 'terminated',
    statuses: [...OPEN, 'Suspended'],
    takesReason: true,
    isDangerous: true,
    explanation: 'It ends at once. Activities under way finish, and nobody takes their results.',
  },
  {
    name: 'rewind',
    label: 'Rewind',
    done: 'rewound',
    statuses: ['Failed'],
    takesReason: true,
    isDangerous: false,
    explanation: 'It goes on from before its failures: the activities that failed run again.',
  },
  {
    name: 'restart',
    label: 'Restart',
    done: 'restarted under a new id',
    statuses: [...OPEN, 'Suspended', ...ENDED],
    takesReason: false,
    isDangerous: false,
    explanation: 'It starts anew with its input, under a new id. The old one stays as it is.',
  },
  {
    name: 'purge',
    label: 'Purge',
    done: 'purged',
    statuses: ENDED,
    takesReason: false,
    isDangerous: true,
    explanation: 'It is deleted, with its history and payloads.',
  },
];

export function isPossible(action: InstanceAction, status: RuntimeStatus): boolean {
  return action.statuses.includes(status);
}

/** Whether the page has a button for it: a purge only where what cannot be undone is offered. */
export function isOffered({ name }: InstanceAction): boolean {
  return name !== 'purge' || mayDestroy.value;
}

/** @returns the id of the instance that a restart has started. @throws {ApiError} */
export async function perform(
  { name }: InstanceAction,
  instanceId: string,
  reason = '',
): Promise<string | undefined> {
  switch (name) {
    case 'purge':
      await callApi(['instances', instanceId], { method: 'DELETE' });
      return undefined;
    case 'restart': {
      const { body } = await callApi(['instances', instanceId, 'restart'], { method: 'POST' });
      return (body as { readonly id: string }).id;
    }
    case 'terminate':
    case 'suspend':
    case 'resume':
    case 'rewind':
      await callApi(['instances', instanceId, name], { method: 'POST', query: { reason } });
      return undefined;
  }
}

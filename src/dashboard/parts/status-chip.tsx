/** A status, told by word and colour. */
import type { RuntimeStatus } from '../../core/instance-status.ts';

export const STATUS_LABELS: Readonly<Record<RuntimeStatus, string>> = {
  Running: 'Running',
  Pending: 'Pending',
  Suspended: 'Suspended',
  Completed: 'Completed',
  Failed: 'Failed',
  Terminated: 'Terminated',
  Canceled: 'Canceled',
  ContinuedAsNew: 'Continued',
  Unknown: 'Unknown',
};

export function StatusChip({ status }: { readonly status: RuntimeStatus }) {
  return <span class={`status status-${status}`}>{STATUS_LABELS[status]}</span>;
}

/** The status row of an instance that cannot run, where its history cannot say so. */
import type { InstanceRecord } from '../../core/instance-status.ts';
import type { TaskHubBackend } from '../backend.ts';
import { waitersOf } from '../instance-waiters.ts';

/** @param row as it was read: if it changed since, it is left alone. */
export async function failRow(
  backend: TaskHubBackend,
  row: InstanceRecord,
  { reason, now }: { readonly reason: string; readonly now: string },
): Promise<void> {
  const { instanceId } = row;
  await backend.repairInstance(
    {
      instanceId,
      instance: {
        executionId: row.executionId ?? '',
        customStatus: row.customStatus,
        runtimeStatus: 'Failed',
        output: reason,
        completedTime: now,
        lastUpdatedTime: now,
      },
    },
    row.etag,
  );
  waitersOf(backend).ended(instanceId);
}

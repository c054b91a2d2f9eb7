/** Which open instances today's code of the app could not continue: their histories are replayed, one after the other. */
import type { RuntimeStatus } from '../../core/instance-status.ts';
import { versionMismatch } from '../../core/versioning.ts';
import type { ExamineOptions, ExamineReplaysOptions, Finding } from './finding.ts';

const DEFAULT_MAX_INSTANCES = 1_000;
const DEFAULT_MAX_MS = 120_000;
const PAGE_SIZE = 100;
/** `Pending` has not begun. */
const STATUSES: readonly RuntimeStatus[] = ['Running', 'Suspended', 'ContinuedAsNew'];

export async function* examineReplays(
  { backend, ambient, versioning }: Pick<ExamineOptions, 'backend' | 'ambient' | 'versioning'>,
  { replayer, maxInstances = DEFAULT_MAX_INSTANCES, maxMs = DEFAULT_MAX_MS }: ExamineReplaysOptions,
): AsyncGenerator<Finding> {
  const endMs = ambient.now() + maxMs;
  let replayed = 0;
  let continuationToken: string | undefined;
  do {
    const page = await backend.listInstances({
      runtimeStatuses: STATUSES,
      excludeEntities: true,
      newestFirst: true,
      pageSize: PAGE_SIZE,
      includeInput: false,
      includeOutput: false,
      ...(continuationToken === undefined ? {} : { continuationToken }),
    });
    // Of another version is told already.
    const ours = page.instances.filter(
      ({ version }) => versionMismatch(version, versioning) === undefined,
    );
    for (const record of ours) {
      if (replayed >= maxInstances || ambient.now() >= endMs) {
        yield notAll(replayed);
        return;
      }
      replayed += 1;
      const { instanceId } = record;
      const { verdict, reason } = await replayer.replayOf(record);
      if (verdict === 'cannotContinue') {
        const problem = `Today's code cannot continue it: ${reason ?? ''} Have its earlier code run it, or terminate it and start it anew.`;
        yield { kind: 'cannotContinue', instanceId, problem, repair: undefined };
      }
    }
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
}

function notAll(replayed: number): Finding {
  const problem = `Only ${replayed} open instances were replayed, as more would take long: whether today's code can continue the others is not known.`;
  return { kind: 'notLookedAt', instanceId: null, problem, repair: undefined };
}

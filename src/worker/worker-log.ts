/**
 * Log records through the worker to the host. The worker's door to the log knows no invocations but its own, so lines of a
 * function begin with the names of function, instance and invocation.
 */
import type { CategoryFilter } from '../telemetry/category-filter.ts';
import type { LogFields, Logger } from '../telemetry/log.ts';
import type { AppLife } from './interception.ts';

const USER_CATEGORY = /^Function\..+\.User$/;
const FUNCTION_CATEGORY = /^Function\./;

export function createWorkerLog(
  life: Pick<AppLife, 'core' | 'logPast'>,
  isShown: CategoryFilter,
): Logger {
  return {
    write(record) {
      if (!isShown(record)) return;
      const { level, category, message, fields } = record;
      // The app's log hooks have seen what its functions say: with the invocation, which the worker's own call of them lacks.
      if (USER_CATEGORY.test(category)) life.logPast(level, 'user', originOf(fields) + message);
      else if (FUNCTION_CATEGORY.test(category)) {
        life.logPast(level, 'system', originOf(fields) + message);
      } else life.core.log(level, 'system', message);
    },
  };
}

/** `[SayHello, instance 4f…, invocation 9c…] ` */
function originOf({ functionName, instanceId, invocationId }: LogFields): string {
  const named = [
    functionName,
    instanceId !== undefined && `instance ${instanceId}`,
    invocationId !== undefined && `invocation ${invocationId}`,
  ].filter(Boolean);
  return named.length === 0 ? '' : `[${named.join(', ')}] `;
}

/**
 * A backend that loses items as one does whose worker dies: their messages are not put off, which would keep later events behind them,
 * but come again when the test sends them, after what came meanwhile.
 */
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { OrchestrationWorkItem, TaskHubBackend } from '../../src/engine/backend.ts';
import { overriding } from './overriding.ts';

/**
 * @param isLost of an item that is abandoned.
 * @param lost told of its messages, which are in no queue any more.
 */
export function lateReturns(
  inner: TaskHubBackend,
  isLost: (item: OrchestrationWorkItem) => boolean,
  lost: (messages: readonly TaskMessage[]) => Promise<void>,
): TaskHubBackend {
  return overriding(inner, {
    async abandonOrchestration(item, options) {
      if (!isLost(item)) return inner.abandonOrchestration(item, options);
      await inner.settleOrchestration(item, { consumed: item.messages, deferred: [] });
      await lost(item.messages.map(({ message }) => message));
    },
  });
}

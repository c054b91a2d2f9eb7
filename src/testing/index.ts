/** `durable-functions-extension/testing`: orchestrations, activities and entities in unit tests, without host and storage. */
export {
  DurableApp,
  loadDurableApp,
  type LoadDurableAppOptions,
  type StartOptions,
} from './durable-app.ts';
export type { RecordedCall, Replacement, Replacements } from './replaced-functions.ts';
export type { Duration } from './standing-clock.ts';
export {
  OrchestrationFailedError,
  type OrchestrationStatus,
  StartedOrchestration,
} from './started-orchestration.ts';
export { TestedEntity } from './tested-entity.ts';
export type { HistoryEvent } from '../core/history-event.ts';
export type { RuntimeStatus } from '../core/instance-status.ts';
export type { LogRecord } from '../telemetry/log.ts';

/** `orchestratorCodeChecks` in the official worker: orchestrators are not watched there, and whoever asks for it is told so. */
import type { Config } from '../config/config.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

/** Says it once, at start, where `error` promises that instances fail; `warn`, the default, promises nothing. */
export function reportCodeChecks({ durableTask }: Config, log: Logger): void {
  if (durableTask.orchestratorCodeChecks !== 'error') return;
  const message =
    "extensions.durableTask.orchestratorCodeChecks is 'error', and the official worker does not watch what orchestrators call: for that the clock of its whole process would have to be replaced. Each message is still replayed from the beginning, so that an instance fails when its orchestrator takes another way. Run the app with func start of this package, as in its tests, to have orchestrators watched.";
  text(log, 'warning', 'Host.Startup', message);
}

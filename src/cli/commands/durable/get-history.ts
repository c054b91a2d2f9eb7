/**
 * `func durable get-history`: the events of the current execution as they are stored, in the member order of Json.NET. As
 * Core Tools prints them, types of events are names and statuses numbers; with `--json` both are names.
 */
import { ORCHESTRATION_STATUS_NUMBERS, type HistoryEvent } from '../../../core/history-event.ts';
import { netTime } from '../../../base/net-time.ts';
import { EXIT_SUCCESS, idOption, type DurableCommand } from './durable-command.ts';
import { indented } from './instance-json.ts';
import { flagOption } from './option-values.ts';

interface Flags {
  readonly id: string;
}

const TIMES: ReadonlySet<string> = new Set(['Timestamp', 'FireAt', 'ScheduledStartTime']);

export const getHistory: DurableCommand<Flags> = {
  name: 'get-history',
  description: 'show the history of an instance',
  options: () => [
    idOption(),
    // Core Tools takes them and shows everything all the same.
    flagOption('show-input', 'has no effect').hideHelp(),
    flagOption('show-output', 'has no effect').hideHelp(),
  ],
  missingHub({ output }) {
    output.line('[]');
    return EXIT_SUCCESS;
  },
  async run({ hub, flags, output }) {
    const history = await hub.client.readHistory(flags.id);
    output.line(flags.json ? JSON.stringify(history) : indented(history.map(asInCoreTools)));
    return EXIT_SUCCESS;
  },
};

function asInCoreTools(event: HistoryEvent): object {
  const members = Object.entries(event).map(([name, value]: [string, unknown]) => {
    if (TIMES.has(name) && typeof value === 'string') return [name, netTime(value)];
    return [name, value];
  });
  return {
    ...(Object.fromEntries(members) as object),
    ...('OrchestrationStatus' in event && {
      OrchestrationStatus: ORCHESTRATION_STATUS_NUMBERS[event.OrchestrationStatus],
    }),
  };
}

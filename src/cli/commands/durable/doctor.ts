/** `func durable doctor` (ours): what is wrong in the hub, and mending it on request. */
import { Option } from 'commander';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { countOption } from './option-values.ts';

interface Flags {
  readonly repair?: boolean;
  readonly replay?: boolean;
  readonly maxReplays: number;
  readonly quietMinutes: number;
}

const MINUTE_MS = 60_000;

export const doctor: DurableCommand<Flags> = {
  name: 'doctor',
  description: 'look for what is wrong in the hub; exit code 1 where something is left',
  options: () => [
    new Option('--repair', 'mend what can be mended (default: only say what is wrong)'),
    new Option(
      '--replay',
      'run the code of the app of this folder over the histories of open instances, to see whether it can continue them',
    ),
    countOption('--max-replays <number>', 'with --replay: look at so many instances at most', {
      min: 1,
      max: 1_000_000,
    }).default(1000),
    countOption('--quiet-minutes <number>', 'leave alone what changed later than that', {
      min: 1,
      max: 1_000_000,
    }).default(10),
  ],
  missingHub: 'fail',
  async run(call) {
    const { hub, flags, output } = call;
    const found = [];
    const { versioning } = hub;
    const quietMs = flags.quietMinutes * MINUTE_MS;
    const replays = flags.replay === true ? await replaysOf(call) : undefined;
    for await (const finding of hub.client.examine({ quietMs, versioning, replays })) {
      const { kind, instanceId, problem, repair } = finding;
      const isRepaired = flags.repair === true && repair !== undefined;
      if (isRepaired) await repair();
      found.push({ kind, instanceId, problem, canRepair: repair !== undefined, isRepaired });
      if (flags.json) continue;
      const whose = instanceId === null ? '' : ` ${instanceId}:`;
      const hint = isRepaired ? ' Repaired.' : repair === undefined ? '' : ' --repair mends it.';
      output.line(`[${kind}]${whose} ${problem}${hint}`);
    }
    if (flags.json) output.line(JSON.stringify(found));
    else if (found.length === 0) output.line('Nothing wrong was found.');
    else output.line(countsOf(found.map(({ kind }) => kind)));
    return found.every(({ isRepaired }) => isRepaired) ? EXIT_SUCCESS : EXIT_FAILURE;
  },
};

/** Functions that cannot be loaded are named: of their instances nothing can be told. */
async function replaysOf({ hub, flags, output }: DurableCall<Flags>) {
  const { replayer, problems } = await hub.loadReplayer();
  for (const { functionName, reason } of problems) {
    output.note(`The function '${functionName}' cannot be loaded: ${reason}`);
  }
  return { replayer, maxInstances: flags.maxReplays };
}

/** `2 poison, 1 lateTimer.` */
function countsOf(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return `${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}.`;
}

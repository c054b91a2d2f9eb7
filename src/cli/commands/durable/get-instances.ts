/** `func durable get-instances`: the first instances that match, in the order of storage, and where the next ones begin. */
import { Option } from 'commander';
import type { InstanceRecord, RuntimeStatus } from '../../../core/instance-status.ts';
import { painted } from '../../output.ts';
import { EXIT_SUCCESS, type DurableCall, type DurableCommand } from './durable-command.ts';
import { indented, instancesJson, orchestrationState } from './instance-json.ts';
import { countOption, statusOption, timeOption } from './option-values.ts';

interface Flags {
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  readonly runtimeStatus?: readonly RuntimeStatus[];
  readonly top: number;
  readonly continuationToken?: string;
}

export const getInstances: DurableCommand<Flags> = {
  name: 'get-instances',
  description: 'list instances',
  options: () => [
    timeOption('created-after', 'created at this time (UTC) or later'),
    timeOption('created-before', 'created at this time (UTC) or earlier'),
    statusOption('with one of these statuses, such as "completed failed" (default: all)'),
    countOption('--top <number>', 'at most so many', { min: 1, max: 1_000_000 }).default(10),
    new Option('--continuation-token <token>', 'go on where an earlier list ended'),
  ],
  missingHub: (call) => print(call, [], undefined),
  async run(call) {
    const { hub, flags, output } = call;
    const found: InstanceRecord[] = [];
    let token = flags.continuationToken === '' ? undefined : flags.continuationToken;
    do {
      const page = await hub.client.list({
        ...(flags.createdAfter && { createdTimeFrom: flags.createdAfter }),
        ...(flags.createdBefore && { createdTimeTo: flags.createdBefore }),
        runtimeStatuses: flags.runtimeStatus ?? [],
        pageSize: flags.top - found.length,
        includeInput: true,
        includeOutput: true,
        ...(token !== undefined && { continuationToken: token }),
      });
      found.push(...page.instances);
      token = page.continuationToken;
      output.progress(`${found.length} instances`);
    } while (token !== undefined && found.length < flags.top);
    output.progress('');
    return print(call, found, token);
  },
};

function print(
  { flags, output }: DurableCall<Flags>,
  records: readonly InstanceRecord[],
  token: string | undefined,
): number {
  if (flags.json) {
    output.line(instancesJson(records, token));
    return EXIT_SUCCESS;
  }
  output.line(indented(records.map(orchestrationState)));
  const text = `Continuation token for next set of results: '${token ?? ''}'`;
  output.line(painted(output, 'green', text));
  return EXIT_SUCCESS;
}

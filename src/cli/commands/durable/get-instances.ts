/** `func durable get-instances`: the first instances that match, in the order of storage, and where the next ones begin. */
import { Option } from 'commander';
import type { RuntimeStatus } from '../../../core/instance-status.ts';
import { EXIT_SUCCESS, type DurableCall, type DurableCommand } from './durable-command.ts';
import { instanceList, instanceListJson, type InstanceList } from './instance-list.ts';
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
  async missingHub(call) {
    await listOf(call).end(undefined);
    return EXIT_SUCCESS;
  },
  async run(call) {
    const { hub, flags, output } = call;
    const list = listOf(call);
    let count = 0;
    let token = flags.continuationToken === '' ? undefined : flags.continuationToken;
    do {
      const page = await hub.client.list({
        ...(flags.createdAfter && { createdTimeFrom: flags.createdAfter }),
        ...(flags.createdBefore && { createdTimeTo: flags.createdBefore }),
        runtimeStatuses: flags.runtimeStatus ?? [],
        pageSize: flags.top - count,
        includeInput: true,
        includeOutput: true,
        ...(token !== undefined && { continuationToken: token }),
      });
      output.progress('');
      for (const record of page.instances) await list.add(record);
      count += page.instances.length;
      token = page.continuationToken;
      output.progress(`${count} instances`);
    } while (token !== undefined && count < flags.top);
    output.progress('');
    await list.end(token);
    return EXIT_SUCCESS;
  },
};

function listOf({ flags, output }: DurableCall<Flags>): InstanceList {
  return flags.json ? instanceListJson(output) : instanceList(output);
}

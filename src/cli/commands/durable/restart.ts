/** `func durable restart` (ours): an instance once more, with the name and the input that it had. */
import { EXIT_SUCCESS, idOption, type DurableCommand } from './durable-command.ts';
import { flagOption } from './option-values.ts';

interface Flags {
  readonly id: string;
  readonly restartWithNewInstanceId?: boolean;
}

export const restart: DurableCommand<Flags> = {
  name: 'restart',
  description: 'start an instance again with the input it had',
  options: () => [
    idOption(),
    flagOption(
      'restart-with-new-instance-id',
      'false: under the same id, in place of the finished instance (default: true)',
    ),
  ],
  missingHub: 'fail',
  async run({ hub, flags, output }) {
    const instanceId = await hub.client.restart(flags.id, {
      withNewInstanceId: flags.restartWithNewInstanceId ?? true,
    });
    output.line(
      flags.json
        ? JSON.stringify({ instanceId })
        : `Restarted instance '${flags.id}'. Instance ID: '${instanceId}'.`,
    );
    return EXIT_SUCCESS;
  },
};

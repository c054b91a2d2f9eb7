/** `func durable get-runtime-status`: one instance. An unknown id is a failure, unlike in Core Tools: scripts ask by the exit code. */
import { painted } from '../../output.ts';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { indented, instanceJson, orchestrationState } from './instance-json.ts';
import { flagOption } from './option-values.ts';

interface Flags {
  readonly id: string;
  readonly showInput?: boolean;
  readonly showOutput?: boolean;
}

export const getRuntimeStatus: DurableCommand<Flags> = {
  name: 'get-runtime-status',
  description: 'show the status of an instance',
  options: () => [
    idOption(),
    flagOption('show-input', 'show its input, too (default: false)'),
    flagOption('show-output', 'show its output, too (default: false)'),
  ],
  missingHub: notFound,
  async run(call) {
    const { hub, flags, output } = call;
    const record = await hub.client.findStatus(flags.id, {
      input: flags.showInput ?? false,
      output: flags.showOutput ?? false,
    });
    if (record === undefined) return notFound(call);
    output.line(flags.json ? instanceJson(record) : indented(orchestrationState(record)));
    return EXIT_SUCCESS;
  },
};

function notFound({ flags, output }: DurableCall<Flags>): number {
  const text = `Could not find an orchestration instance with id '${flags.id}'`;
  if (flags.json) {
    output.line('null');
    output.note(text);
  } else {
    output.line(painted(output, 'red', text));
  }
  return EXIT_FAILURE;
}

/**
 * A list of instances on stdout, one instance after the other: however many there are, none is kept. What is printed is the
 * text that all of them together would have made.
 */
import type { InstanceRecord } from '../../../core/instance-status.ts';
import { painted, type Output } from '../../output.ts';
import { indented, instanceJson, orchestrationState } from './instance-json.ts';

export interface InstanceList {
  /** Whether inputs and outputs are shown: else they need not be read. */
  readonly showsPayloads: boolean;
  add(record: InstanceRecord): Promise<void>;
  /** @param continuationToken where the next instances begin; undefined when these were the last. */
  end(continuationToken: string | undefined): Promise<void>;
}

/** As Core Tools prints it: an indented JSON array, then the token in a sentence. */
export function instanceList(output: Output): InstanceList {
  let isEmpty = true;
  return {
    showsPayloads: true,
    async add(record) {
      await output.write(
        `${isEmpty ? '[' : ','}\n${indentedBy(2, indented(orchestrationState(record)))}`,
      );
      isEmpty = false;
    },
    async end(continuationToken = '') {
      await output.write(isEmpty ? '[]\n' : '\n]\n');
      const text = `Continuation token for next set of results: '${continuationToken}'`;
      output.line(painted(output, 'green', text));
    },
  };
}

/** For programs: one line of JSON. */
export function instanceListJson(output: Output): InstanceList {
  let isEmpty = true;
  return {
    showsPayloads: true,
    async add(record) {
      await output.write(`${isEmpty ? '{"instances":[' : ','}${instanceJson(record)}`);
      isEmpty = false;
    },
    async end(continuationToken) {
      const token = JSON.stringify(continuationToken ?? null);
      await output.write(`${isEmpty ? '{"instances":[' : ''}],"continuationToken":${token}}\n`);
    },
  };
}

function indentedBy(spaces: number, text: string): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(spaces) + line)
    .join('\n');
}

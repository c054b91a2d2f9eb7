/** What a command of `func durable` is: options, and what it does with an open task hub. */
import { Option } from 'commander';
import type { OpenTaskHub } from '../../../host/open-task-hub.ts';
import { choiceOption } from '../../option-choice.ts';
import type { Output } from '../../output.ts';

export const EXIT_SUCCESS = 0;
export const EXIT_FAILURE = 1;

/** What every command takes. */
export interface CommonFlags {
  readonly connectionStringSetting?: string;
  readonly taskHubName?: string;
  readonly storage?: 'azure' | 'local';
  readonly json?: boolean;
  readonly scriptRoot?: string;
  readonly prefix?: string;
  readonly verbose?: boolean;
  readonly debug?: boolean;
}

export interface DurableCall<Flags = object> {
  readonly hub: OpenTaskHub;
  readonly flags: Flags & CommonFlags;
  /** From which paths count. */
  readonly folder: string;
  readonly output: Output;
}

export interface DurableCommand<Flags = object> {
  readonly name: string;
  readonly description: string;
  readonly options: () => readonly Option[];
  /**
   * What a hub that does not exist means to it: it is created; it is an error; or the command knows what to say
   * (`emptyHub`) and what it would have said of an empty hub.
   */
  readonly missingHub: 'create' | 'fail' | ((call: DurableCall<Flags>) => number | Promise<number>);
  /** @returns the exit code. */
  readonly run: (call: DurableCall<Flags>) => Promise<number>;
}

export function commonOptions(): readonly Option[] {
  return [
    new Option(
      '--connection-string-setting <name>',
      'setting with the storage connection string (default: that of host.json, or AzureWebJobsStorage)',
    ),
    new Option(
      '--task-hub-name <name>',
      'the task hub (default: hubName of host.json, or DurableFunctionsHub)',
    ),
    choiceOption(
      '--storage <kind>',
      'where the task hub is: in the storage account, or in the folder of a hub of this machine (default: where the host has it)',
      ['azure', 'local'],
    ),
    new Option('--json', 'print JSON for programs, and nothing else, on stdout'),
    new Option('--script-root <folder>', 'folder of the app (default: the current folder)'),
    new Option('--prefix <folder>', 'same as --script-root').hideHelp(),
    new Option('--verbose', 'show what is doubtful in the configuration'),
    new Option('--debug', 'show where an error comes from').hideHelp(),
  ];
}

export function idOption(description = 'the id of the instance'): Option {
  return new Option('--id <id>', description).makeOptionMandatory();
}

/** `func help`, `func help durable`, `func help durable start-new`: the help of a command, wherever it is. */
import type { Command } from 'commander';
import type { Output } from '../output.ts';

export function addHelp(program: Command, output: Output): void {
  program.helpCommand(false);
  program
    .command('help')
    .description('print help for a command')
    .argument('[command...]', 'func help durable start-new')
    .action((names: readonly string[]) => {
      output.line(commandAt(program, names).helpInformation().trimEnd());
    });
}

function commandAt(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const name of names) {
    const wanted = name.toLowerCase();
    const next = command.commands.find(
      (entry) => entry.name() === wanted || entry.aliases().includes(wanted),
    );
    // Commander's own words for a command that does not exist, with the nearest one.
    if (next === undefined) return unknownCommand(command, name);
    command = next;
  }
  return command;
}

function unknownCommand(command: Command, name: string): never {
  command.parse([name], { from: 'user' });
  throw new Error(`The command '${name}' was expected to be unknown.`);
}

/** `func help`, `func help durable`, `func help durable start-new`: the help of a command, wherever it is; `func help httptrigger`: of a template. */
import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { findTemplate, templatesOf } from '../templates/templates.ts';

export function addHelp(program: Command, output: Output): void {
  program.helpCommand(false);
  program
    .command('help')
    .description('print help for a command')
    .argument('[command...]', 'func help durable start-new')
    .action((names: readonly string[]) => {
      output.line(
        templateHelp(names.join(' ')) ?? commandAt(program, names).helpInformation().trimEnd(),
      );
    });
}

/** @returns undefined when no template of either model has this name */
function templateHelp(name: string): string | undefined {
  const template = findTemplate(templatesOf('v4'), name) ?? findTemplate(templatesOf('v3'), name);
  if (template === undefined) return undefined;
  return `${template.name}: ${template.description}

func new --template "${template.name}" --name ${template.defaultName}`;
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

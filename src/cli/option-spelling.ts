/**
 * The spellings of options that Core Tools takes, in the one that commander takes: `-id x`, `/id x`, `--id:x`, `--ID x`
 * become `--id x`, `--id=x`. Only names that the command has are touched, and never the value of an option.
 */
import type { Command, Option } from 'commander';

const SPELLED = /^(?:--?|\/)([A-Za-z][A-Za-z-]*)(?:[=:]([\s\S]*))?$/;

/** @param args behind the name of the command. */
export function normalizeOptions(args: readonly string[], command: Command): string[] {
  const normal: string[] = [];
  let isValue = false;
  for (const [index, arg] of args.entries()) {
    if (isValue) {
      normal.push(arg);
      isValue = false;
      continue;
    }
    if (arg === '--') return [...normal, ...args.slice(index)];
    const { option, value } = readOption(arg, command);
    isValue = option?.required === true && value === undefined;
    const name = option === undefined ? arg : `--${longName(option)}`;
    normal.push(option === undefined || value === undefined ? name : `${name}=${value}`);
  }
  return normal;
}

function readOption(arg: string, command: Command): { option?: Option; value?: string } {
  const [, name = '', value] = SPELLED.exec(arg) ?? [];
  const option = command.options.find((known) => isNamed(known, name));
  return { ...(option && { option }), ...(value !== undefined && { value }) };
}

function isNamed(option: Option, name: string): boolean {
  return name.length > 1 && longName(option).toLowerCase() === name.toLowerCase();
}

function longName(option: Option): string {
  return option.long?.slice(2) ?? '';
}

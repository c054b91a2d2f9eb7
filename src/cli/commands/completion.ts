/**
 * `func completion bash|zsh|fish`: a script for the shell that completes commands and options, made from the declared ones,
 * so that it cannot fall behind them. `source <(func completion bash)`.
 */
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly text: string;
  readonly description: string;
}

interface Place {
  /** The commands typed so far: ``, `durable`, `durable start-new`. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

export function completionScript(shell: Shell, program: Command): string {
  const places = placesOf(program);
  switch (shell) {
    case 'bash':
      return bashScript(places);
    case 'zsh':
      return zshScript(places);
    case 'fish':
      return fishScript(places);
  }
}

function placesOf(command: Command, path: readonly string[] = []): readonly Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const known = new Set<Command>(command.commands);
  return [
    {
      path: path.join(' '),
      commands: commands.map((entry) => ({ text: entry.name(), description: entry.description() })),
      options: help.visibleOptions(command).map((option) => ({
        text: option.long ?? option.short ?? '',
        description: option.description,
      })),
    },
    ...commands
      .filter((entry) => known.has(entry))
      .flatMap((entry) => placesOf(entry, [...path, entry.name()])),
  ];
}

function bashScript(places: readonly Place[]): string {
  return [
    '_func_completion() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" place="" words="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    [[ $word == -* ]] && break',
    '    place="${place:+$place }$word"',
    '  done',
    '  case "$place" in',
    ...places.map((place) => `    ${quoted(place.path)}) words=${quoted(wordsOf(place))} ;;`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))',
    '}',
    'complete -F _func_completion func',
  ].join('\n');
}

function zshScript(places: readonly Place[]): string {
  const described = ({ text, description }: Word): string =>
    quoted(`${text.replaceAll(':', '\\:')}:${description}`);
  return [
    '#compdef func',
    '_func() {',
    '  local place="" word',
    '  local -a choices',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    [[ $word == -* ]] && break',
    '    place="${place:+$place }$word"',
    '  done',
    '  case "$place" in',
    ...places.map(
      (place) =>
        `    ${quoted(place.path)}) choices=(${[...place.commands, ...place.options].map(described).join(' ')}) ;;`,
    ),
    '  esac',
    "  _describe 'func' choices || _files",
    '}',
    'compdef _func func',
  ].join('\n');
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const when = `-n ${quoted(`test (__func_place) = ${fishQuoted(place.path)}`)}`;
    return [
      ...place.commands.map(
        ({ text, description }) =>
          `complete -c func -f ${when} -a ${text} -d ${quoted(description)}`,
      ),
      ...place.options.map(
        ({ text, description }) =>
          `complete -c func ${when} -l ${text.replace(/^-+/, '')} -d ${quoted(description)}`,
      ),
    ];
  });
  return [
    'function __func_place',
    '  set -l place',
    '  for word in (commandline -opc)[2..-1]',
    "    string match -q -- '-*' $word; and break",
    '    set -a place $word',
    '  end',
    '  echo "$place"',
    'end',
    ...lines,
  ].join('\n');
}

function wordsOf({ commands, options }: Place): string {
  return [...commands, ...options].map(({ text }) => text).join(' ');
}

/** For sh: within single quotes nothing is special but the quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `"${text}"`;
}

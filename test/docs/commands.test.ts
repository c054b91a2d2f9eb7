/** docs/cli.md has every command and option of `func`, and what the pages tell a reader to type is a command. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { func } from '../support/func-command.ts';

const root = new URL('../../', import.meta.url);
const pages = [
  'README.md',
  'samples/README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const cli = readFileSync(new URL('docs/cli.md', root), 'utf8');

interface CommandHelp {
  readonly commands: readonly string[];
  readonly options: readonly string[];
}

async function helpOf(command: readonly string[]): Promise<CommandHelp> {
  const lines = (await func(...command, '--help')).out.split('\n');
  const heading = lines.indexOf('Commands:');
  const options = heading < 0 ? lines : lines.slice(0, heading);
  const commands = heading < 0 ? [] : lines.slice(heading);
  return {
    commands: commands.flatMap((text) => /^ {2}([a-z-]+)/.exec(text)?.[1] ?? []),
    options: options.flatMap((text) => /^ {2}(?:-\w, )?(--[\w-]+)/.exec(text)?.[1] ?? []),
  };
}

async function allCommands(
  command: readonly string[] = [],
): Promise<readonly (CommandHelp & { readonly name: string })[]> {
  const help = await helpOf(command);
  const below = await Promise.all(
    help.commands.filter((name) => name !== 'help').map((name) => allCommands([...command, name])),
  );
  return [{ name: ['func', ...command].join(' '), ...help }, ...below.flat()];
}

const commands = await allCommands();

describe('docs/cli.md', () => {
  const own = commands.filter(({ name }) => !/^func (?:host|function)\b/.test(name));

  it.each(own.map(({ name }) => name))('has %s', (name) => {
    const words = name.split(' ').slice(1);
    for (const word of words) expect(cli).toMatch(new RegExp(`\`[^\`]*\\b${word}\\b`));
  });

  const options = own.flatMap(({ name, options }) =>
    options.map((option) => [name, option] as const),
  );
  it.each(options.filter(([, option]) => option !== '--help'))(
    'has of %s the option %s',
    (_, option) => {
      expect(cli).toContain(`\`${option}`);
    },
  );
});

/** `func …` as it stands in the shell blocks of a page. */
const typed = pages.flatMap((page) => {
  const text = readFileSync(new URL(page, root), 'utf8');
  const blocks = [...text.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    [
      ...block.matchAll(
        /^(?:\w+=\S+ )*(?:npx (?:--package durable-functions-extension )?)?(func .*)$/gm,
      ),
    ].map(([, line = '']) => [page, line.replace(/\s+#.*$/, '')] as const),
  );
});

it.each(typed)('%s has a reader type: %s', (_, line) => {
  const words = line.split(/\s+/);
  const known = commands
    .filter(({ name }) => line === name || line.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];

  expect(known?.commands).toEqual([]);
  for (const word of words.filter((text) => text.startsWith('--'))) {
    expect(known?.options).toContain(word);
  }
});

/** The language of an app: said by an option, asked for at a terminal, and never guessed. */
import { Option, type Command } from 'commander';
import { InvalidInputError } from '../../core/errors.ts';
import type { Output } from '../output.ts';
import { LANGUAGES, type Language } from '../templates/template.ts';

export interface LanguageFlags {
  readonly language?: Language;
  readonly javascript?: boolean;
  readonly typescript?: boolean;
}

export function languageOption(): Option {
  return new Option('-l, --language <name>', 'javascript or typescript').argParser(parseLanguage);
}

/** `--language`, and the shorter words that Core Tools and the pages about it have: `func init app --javascript`. */
export function addLanguageOptions(command: Command): Command {
  return command
    .addOption(languageOption())
    .addOption(new Option('--javascript').hideHelp())
    .addOption(new Option('--typescript').hideHelp())
    .addOption(new Option('--node').hideHelp());
}

export function saidLanguage({
  language,
  javascript,
  typescript,
}: LanguageFlags): Language | undefined {
  if (language !== undefined) return language;
  if (javascript === true) return 'javascript';
  return typescript === true ? 'typescript' : undefined;
}

/** @throws {InvalidInputError} when it is not said and nobody can be asked. */
export async function chooseLanguage(
  said: Language | undefined,
  output: Output,
): Promise<Language> {
  if (said !== undefined) return said;
  if (output.ask === undefined) {
    throw new InvalidInputError(
      'The language is missing: say --language javascript or --language typescript.',
    );
  }
  return parseLanguage(await output.ask('Language (javascript or typescript): '));
}

function parseLanguage(text: string): Language {
  const language = LANGUAGES.find((known) => known === text.trim().toLowerCase());
  if (language !== undefined) return language;
  throw new InvalidInputError(
    `'${text.trim()}' is not supported: this host runs javascript and typescript.`,
  );
}

/** An option whose value is one of a few words, in any case: pages about Core Tools write `--authlevel Anonymous` and `anonymous`. */
import { InvalidArgumentError, Option } from 'commander';

/** @param flags as commander reads them, `-a, --authlevel <level>` */
export function choiceOption(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser((text) => {
    const word = words.find((known) => known.toLowerCase() === text.toLowerCase());
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`);
  });
}

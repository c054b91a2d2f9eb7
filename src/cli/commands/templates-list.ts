/** `func templates list`: what `func new --template` takes. */
import { Option, type Command } from 'commander';
import type { Output } from '../output.ts';
import { LANGUAGES, type Language } from '../templates/template.ts';
import { templatesOf } from '../templates/templates.ts';
import { languageOption } from './language.ts';

const TITLES = { javascript: 'JavaScript', typescript: 'TypeScript' } as const;
const MODEL_TITLES = { v4: '', v3: ' (model v3)' } as const;

export function addTemplates(program: Command, output: Output): void {
  program
    .command('templates')
    .description('commands for templates of functions')
    .command('list')
    .description('list the templates of func new')
    .addOption(languageOption())
    .addOption(new Option('--verbose').hideHelp())
    .allowExcessArguments(false)
    .action(({ language: only }: { readonly language?: Language }) => {
      for (const language of LANGUAGES.filter((each) => only === undefined || each === only)) {
        for (const model of ['v4', 'v3'] as const) {
          output.line(`${TITLES[language]} Templates${MODEL_TITLES[model]}:`);
          for (const { name } of templatesOf(model)) output.line(`  ${name}`);
          output.line('');
        }
      }
    });
}

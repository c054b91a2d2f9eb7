/** Where JavaScript, its modules and TypeScript are written differently; the rest of a template is the same in all three. */
import type { TemplateRequest } from './template.ts';

/** `@azure/functions` and, if asked for, `durable-functions`, of the v4 model. */
export function v4Imports(
  request: TemplateRequest,
  packages: { readonly durable: boolean },
): string {
  return [functionsImport(request), ...(packages.durable ? [durableImport(request)] : [])].join(
    '\n',
  );
}

/** `durable-functions`, alone when no other trigger is registered. */
export function durableImport({ language, isModule }: TemplateRequest): string {
  if (language === 'typescript') return "import * as df from 'durable-functions';";
  return isModule
    ? "import df from 'durable-functions';"
    : "const df = require('durable-functions');";
}

/** What a classic function file exports. */
export function exported({ language, isModule }: TemplateRequest): string {
  return language === 'typescript' || isModule ? 'export default' : 'module.exports =';
}

/** Types of `@azure/functions` of the classic model, where there are types. */
export function typesImport({ language }: TemplateRequest, names: string): string {
  return language === 'typescript' ? `import type { ${names} } from '@azure/functions';\n` : '';
}

/** A type annotation, where there are types. */
export function typed({ language }: TemplateRequest, annotation: string): string {
  return language === 'typescript' ? annotation : '';
}

/** The body of an entity that counts. */
export const COUNTER_OPERATIONS = `  const value = context.df.getState(() => 0) ?? 0;
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + (context.df.getInput() ?? 1));
      break;
    case 'reset':
      context.df.setState(0);
      break;
    case 'get':
      context.df.return(value);
      break;
  }`;

function functionsImport({ language, isModule }: TemplateRequest): string {
  return language === 'typescript' || isModule
    ? "import { app } from '@azure/functions';"
    : "const { app } = require('@azure/functions');";
}

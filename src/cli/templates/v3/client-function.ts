/** A classic HTTP function with a durable client: what the templates that start or ask something have in common. */
import { durableImport, exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export interface ClientFunction {
  readonly name: string;
  readonly defaultName: string;
  readonly description: string;
  readonly route: string;
  /** What a comment tells: how to call it. */
  readonly usage: string;
  /** Sees `context`, `req` and `client`. */
  readonly body: string;
}

export function clientFunction({ route, usage, body, ...named }: ClientFunction): V3Template {
  return {
    model: 'v3',
    ...named,
    needsDurable: true,
    bindings: ({ authLevel }) => [
      {
        authLevel,
        type: 'httpTrigger',
        direction: 'in',
        name: 'req',
        route,
        methods: ['post', 'get'],
      },
      { type: 'http', direction: 'out', name: '$return' },
      { type: 'durableClient', direction: 'in', name: 'client' },
    ],
    code: (request) => `${durableImport(request)}
${typesImport(request, 'Context, HttpRequest')}
// ${usage}
${exported(request)} async function (context${typed(request, ': Context')}, req${typed(request, ': HttpRequest')}) {
  const client = df.getClient(context);
${body}
}
`,
  };
}

/** Real function apps behind the triggers: files in a temporary folder, the real loader and the real @azure/functions. */
import { onTestFinished } from 'vitest';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import { createHttpTriggerHandler } from '../../src/triggers/http-trigger.ts';
import { createScratchApp } from '../support/scratch-app.ts';
import { recordingLog } from './app-values.ts';

/** @param packages name in the app → folder in our node_modules, besides @azure/functions */
export async function loadApp(
  files: Readonly<Record<string, unknown>>,
  packages: Readonly<Record<string, string>> = {},
) {
  const scratch = await createScratchApp({
    files,
    packages: { '@azure/functions': '@azure/functions', ...packages },
  });
  const log = recordingLog();
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log,
    bindings: [],
    resolveSetting: (text) => text,
  });
  onTestFinished(async () => {
    await app.dispose();
    await scratch.remove();
  });
  const handler = createHttpTriggerHandler({ app, routePrefix: 'api', customHeaders: {}, log });
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    headers.set('host', 'localhost:7071');
    const request = new Request(`http://localhost:7071${path}`, { ...init, headers });
    const response = await handler.handle(request);
    if (response === undefined) throw new Error(`No function has the route ${path}.`);
    return response;
  };
  return { app, handler, log, ask };
}

/** A v4 app of one HTTP function `F` on `/api/f/{id?}`; the handler's text sees `request` and `context`. */
export function v4App(handler: string, setup = ''): Record<string, unknown> {
  return {
    'package.json': { main: 'index.js' },
    'index.js': `
      const { app } = require('@azure/functions');
      ${setup}
      app.http('F', { methods: ['GET', 'POST', 'HEAD'], route: 'f/{id?}', handler: async (request, context) => { ${handler} } });`,
  };
}

/** The same as a classic app; the handler's text sees `context` and `req`. */
export function v3App(handler: string, output = 'res'): Record<string, unknown> {
  return {
    'package.json': {},
    'F/function.json': {
      bindings: [
        {
          type: 'httpTrigger',
          direction: 'in',
          name: 'req',
          route: 'f/{id?}',
          authLevel: 'anonymous',
        },
        { type: 'http', direction: 'out', name: output },
      ],
    },
    'F/index.js': `module.exports = async function (context, req) { ${handler} };`,
  };
}

/** Apps whose functions are all in one file, which tests may write anew while the app runs. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createScratchApp, type ScratchApp } from './scratch-app.ts';

const FILE = 'app.js';
const REQUIRES = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
`;
/** `POST /api/start/{name}` answers with the URLs of a new instance. */
const STARTER = `
app.http('start', {
  route: 'start/{name}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    return client.createCheckStatusResponse(request, await client.startNew(request.params.name));
  },
});
`;

/** @param code registers functions; `app` and `df` are there. A starter of any orchestrator comes with it. */
export async function createOneFileApp(code: string): Promise<ScratchApp> {
  return await createScratchApp({
    files: { 'package.json': { main: FILE }, [FILE]: fileOf(code) },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
}

/** Other functions from now on. */
export async function changeOneFileApp(app: ScratchApp, code: string): Promise<void> {
  await writeFile(path.join(app.folder, FILE), fileOf(code));
}

function fileOf(code: string): string {
  return REQUIRES + code + STARTER;
}

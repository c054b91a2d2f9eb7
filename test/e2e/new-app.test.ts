/** What `func init` and `func new` write runs: all templates, both models, JavaScript, its modules, and TypeScript compiled strictly. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { templatesOf } from '../../src/cli/templates/templates.ts';
import { compileApp } from '../support/compile-app.ts';
import { eventually } from '../support/eventually.ts';
import { func } from '../support/func-command.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { post, run } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const V4_PACKAGES = {
  'durable-functions': 'durable-functions',
  '@azure/functions': '@azure/functions',
  '@types/node': '@types/node',
};
const V3_PACKAGES = {
  ...V4_PACKAGES,
  'durable-functions': 'durable-functions-v2',
  '@azure/functions': 'functions-v3',
};

let app: ScratchApp | undefined;
let host: FuncProcess | undefined;
afterEach(async () => {
  await host?.stop();
  await app?.remove();
});

async function folderWith(packages: Readonly<Record<string, string>>): Promise<string> {
  app = await createScratchApp({ packages });
  return app.folder;
}

/** Makes the app and all its functions, under the names by default. */
async function makeApp(folder: string, model: 'v3' | 'v4', language: string): Promise<void> {
  const here = ['--script-root', folder];
  await func('init', '--language', language, '--model', model, ...here);
  for (const { name, defaultName } of templatesOf(model)) {
    const made = await func('new', '-t', name, '-n', defaultName, '-a', 'anonymous', ...here);
    expect(made).toMatchObject({ code: 0, err: '' });
  }
}

async function startApp(folder: string): Promise<FuncProcess> {
  host = await startFunc({ cwd: folder, args: ['--storage', 'memory'] });
  expect(host.output()).not.toMatch(/is in error|No functions found/);
  return host;
}

describe('a new app of the v4 model', LONG, () => {
  it.each(['javascript', 'javascript modules', 'typescript'])('runs in %s', async (kind) => {
    const folder = await folderWith(V4_PACKAGES);
    const language = kind.split(' ')[0] ?? '';
    if (kind.endsWith('modules')) await makeModules(folder, language);
    await makeApp(folder, 'v4', language);
    if (language === 'typescript') compileApp(folder);

    const { url } = await startApp(folder);

    expect(await text(`${url}/api/httpTrigger?name=Ada`)).toBe('Hello, Ada!');
    const literal = await run(`${url}/api/orchestrators/durableHelloOrchestrator`);
    expect(literal.output).toEqual(['Hello, Tokyo', 'Hello, Seattle', 'Hello, Cairo']);
    expect((await post(`${url}/api/counter/visits`)).status).toBe(202);
    await eventually(async () => (await text(`${url}/api/counter/visits`)) === '1');
  });
});

describe('a new app of the classic model', LONG, () => {
  it.each(['javascript', 'typescript'])('runs in %s', async (language) => {
    const folder = await folderWith(V3_PACKAGES);
    await makeApp(folder, 'v3', language);
    if (language === 'typescript') compileApp(folder);

    const { url } = await startApp(folder);

    expect(await text(`${url}/api/HttpTrigger?name=Ada`)).toBe('Hello, Ada!');
    const started = await run(`${url}/api/orchestrators/DurableFunctionsOrchestratorJS`);
    expect(started.output).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello London!']);
    expect((await post(`${url}/api/counters/visits`)).status).toBe(202);
    await eventually(async () => (await text(`${url}/api/counters/visits`)) === '1');
  });
});

/** An app whose package.json says that its files are modules. */
async function makeModules(folder: string, language: string): Promise<void> {
  await func('init', '--language', language, '--script-root', folder);
  const file = path.join(folder, 'package.json');
  const content = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...content, type: 'module' }));
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** F5: what `func init` writes for VS Code, done by hand: start the task, wait for its line, attach, stop, look, go on. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { compileApp } from '../support/compile-app.ts';
import { DebuggerClient, lineOf } from '../support/debugger-client.ts';
import { eventually } from '../support/eventually.ts';
import { func } from '../support/func-command.ts';
import { freePort, startFunc, type FuncProcess } from '../support/func-process.ts';
import { run } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const PACKAGES = {
  'durable-functions': 'durable-functions',
  '@azure/functions': '@azure/functions',
  '@types/node': '@types/node',
};
const IN_ORCHESTRATOR = 'greetings.push(yield';
const IN_ACTIVITY = 'return `Hello, ';

let app: ScratchApp | undefined;
let host: FuncProcess | undefined;
afterEach(async () => {
  await host?.stop();
  await app?.remove();
});

async function typescriptApp(): Promise<string> {
  app = await createScratchApp({ packages: PACKAGES });
  const here = ['--script-root', app.folder];
  await func('init', '--language', 'typescript', ...here);
  await func('new', '-t', 'Durable Functions orchestrator', '-n', 'hello', ...here);
  compileApp(app.folder);
  return app.folder;
}

interface StartTask {
  readonly label: string;
  readonly command: string;
  readonly options: { readonly env: Readonly<Record<string, string>> };
  readonly problemMatcher: { readonly background: { readonly endsPattern: string } };
}

async function readJson<Content>(file: string): Promise<Content> {
  return JSON.parse(await readFile(file, 'utf8')) as Content;
}

/** Starts the task that launch.json names, but for its ports, and waits until its matcher lets VS Code attach. */
async function startTask(folder: string, debugPort: number): Promise<FuncProcess> {
  const { configurations } = await readJson<{
    configurations: { port: number; preLaunchTask: string; restart: boolean }[];
  }>(path.join(folder, '.vscode/launch.json'));
  const { tasks } = await readJson<{ tasks: StartTask[] }>(path.join(folder, '.vscode/tasks.json'));
  const [launch] = configurations;
  const task = tasks.find(({ label }) => label === launch?.preLaunchTask);
  if (launch === undefined || task === undefined) throw new Error('launch.json names no task');
  expect(task.command).toBe('npx func host start');
  expect(launch.restart).toBe(true);
  const env = Object.fromEntries(
    Object.entries(task.options.env).map(([name, value]) => [
      name,
      value.replace(String(launch.port), String(debugPort)),
    ]),
  );
  const started = await startFunc({ cwd: folder, env, args: ['--storage', 'local'] });
  expect(started.output()).toMatch(new RegExp(task.problemMatcher.background.endsPattern, 'm'));
  return started;
}

describe('F5', LONG, () => {
  it('stops in an orchestrator and in an activity of TypeScript, and again after a reload', async () => {
    const folder = await typescriptApp();
    const source = path.join(folder, 'src/functions/hello.ts');
    const script = 'dist/src/functions/hello.js';
    const debugPort = await freePort();
    host = await startTask(folder, debugPort);

    const first = await DebuggerClient.attach(debugPort);
    const code = await readFile(source, 'utf8');
    await first.breakAt(script, source, IN_ORCHESTRATOR);
    await first.breakAt(script, source, IN_ACTIVITY);
    const ran = run(`${host.url}/api/orchestrators/helloOrchestrator`);
    const inOrchestrator = await first.stopped();
    expect(inOrchestrator.line).toBe(lineOf(code, IN_ORCHESTRATOR));
    expect(await inOrchestrator.evaluate('city')).toBe('Tokyo');
    await first.resume();
    const inActivity = await first.stopped();
    expect(inActivity.line).toBe(lineOf(code, IN_ACTIVITY));
    expect(await inActivity.evaluate('city')).toBe('Tokyo');
    // What an editor does when it lets go of a process: breakpoints go, and it runs on.
    first.detach();
    expect((await ran).output).toEqual(['Hello, Tokyo', 'Hello, Seattle', 'Hello, Cairo']);

    const second = await DebuggerClient.attach(debugPort);
    await writeFile(source, code.replace('Hello, ', 'Moin, '));
    compileApp(folder);
    await second.detached();
    const restarted = host;
    await eventually(() => restarted.output().split('Worker process started').length === 3, {
      timeoutMs: 30_000,
    });
    const third = await DebuggerClient.attach(debugPort);
    await third.breakAt(script, source, 'return `Moin, ');
    const ranAgain = run(`${host.url}/api/orchestrators/helloOrchestrator`);
    expect(await (await third.stopped()).evaluate('city')).toBe('Tokyo');
    third.detach();
    expect((await ranAgain).output).toEqual(['Moin, Tokyo', 'Moin, Seattle', 'Moin, Cairo']);
  });
});

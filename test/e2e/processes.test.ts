/** One app in several processes behind one port: what a client sees of it, and what becomes of it when one of them dies. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, runFunc, startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { changeOneFileApp, createOneFileApp } from '../support/one-file-app.ts';
import { LONG } from '../support/patience.ts';
import type { ScratchApp } from '../support/scratch-app.ts';

const COUNT = 3;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

const appThatSays = (greeting: string): string => `
df.app.activity('greet', { handler: (name) => '${greeting} ' + name + '!' });
df.app.orchestration('greetAll', function* (context) {
  const names = ['Tokyo', 'Seattle', 'London'];
  return yield context.df.Task.all(names.map((name) => context.df.callActivity('greet', name)));
});
app.http('who', { handler: () => ({ jsonBody: { pid: process.pid, greeting: '${greeting}' } }) });
app.timer('tick', { schedule: '* * * * * *', handler: () => console.log('tick of ' + process.pid) });
`;

let app: ScratchApp;
let host: FuncProcess | undefined;

beforeEach(async () => {
  app = await createOneFileApp(appThatSays('Hello'));
});

afterEach(async () => {
  await host?.stop();
  host = undefined;
  await app.remove();
});

const environment = (processCount: string) => ({
  AzureWebJobsStorage: azuriteConnectionString(),
  FUNCTIONS_WORKER_PROCESS_COUNT: processCount,
  AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Procs'),
});

async function startApp(args: readonly string[] = []): Promise<FuncProcess> {
  host = await startFunc({ cwd: app.folder, env: environment(String(COUNT)), args });
  return host;
}

interface Answer {
  readonly pid: number;
  readonly greeting: string;
}

/** As many requests as there are processes, each on a connection of its own. */
async function whoAnswers({ url }: FuncProcess): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let request = 0; request < COUNT; request++) {
    const response = await fetch(`${url}/api/who`, { headers: { connection: 'close' } });
    answers.push((await response.json()) as Answer);
  }
  return answers;
}

/** The processes, once all of them answer in turn. */
function processes(of: FuncProcess, greeting = 'Hello'): Promise<readonly number[]> {
  return eventually(async () => {
    const answers = await whoAnswers(of);
    const pids = new Set(answers.map(({ pid }) => pid));
    const isCurrent = answers.every((answer) => answer.greeting === greeting);
    return isCurrent && pids.size === COUNT ? [...pids].sort() : undefined;
  }, PATIENCE);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an app in three processes', LONG, () => {
  it('answers from each of them in turn, for all instances, and has its timers in one', async () => {
    const func = await startApp();
    const pids = await processes(func);

    const turns = [...(await whoAnswers(func)), ...(await whoAnswers(func))].map(({ pid }) => pid);
    const instance = await start(`${func.url}/api/start/greetAll`);
    const outcome = await ended(instance, 60_000);
    const seen = await Promise.all(
      turns.map(async () => {
        const response = await fetch(instance.statusQueryGetUri, {
          headers: { connection: 'close' },
        });
        return ((await response.json()) as { readonly output: unknown }).output;
      }),
    );
    const ticks = await eventually(() => {
      const found = [...func.output().matchAll(/\[process (\d)\] \[\S+\] tick of (\d+)/g)];
      return found.length >= 3 ? found : undefined;
    }, PATIENCE);

    expect(turns.sort()).toEqual([...pids, ...pids].sort());
    expect(outcome.output).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello London!']);
    expect(seen).toEqual(turns.map(() => outcome.output));
    expect(new Set(ticks.map(([, number]) => number))).toEqual(new Set(['1']));
    expect(new Set(ticks.map(([, , pid]) => pid)).size).toBe(1);
  });

  it('goes on when one of them is killed, which is replaced, and ends as a whole', async () => {
    const func = await startApp(['--no-reload']);
    const [victim = 0, ...others] = await processes(func);

    process.kill(victim, 'SIGKILL');
    await eventually(() => func.output().includes('ended unexpectedly (SIGKILL)'), PATIENCE);
    const meanwhile = await start(`${func.url}/api/start/greetAll`);
    const after = await processes(func);
    const outcome = await ended(meanwhile, 90_000);
    host = undefined;
    const exit = await func.stop();

    expect(after.filter((pid) => others.includes(pid))).toEqual(others);
    expect(func.output()).toMatch(/Process \d ended unexpectedly \(SIGKILL\)\. It starts again in/);
    expect(outcome.runtimeStatus).toBe('Completed');
    expect(exit.code).toBe(0);
    expect(after.filter(isRunning)).toEqual([]);
  });

  it('is replaced as a whole when its files change, and keeps its port meanwhile', async () => {
    const func = await startApp();
    const before = await processes(func);

    await changeOneFileApp(app, appThatSays('Welcome'));
    const after = await processes(func, 'Welcome');

    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(before.filter(isRunning)).toEqual([]);
    expect(func.output().match(/The app restarts/g)).toHaveLength(1);
  });
});

describe('the number of processes', LONG, () => {
  it('is none that there cannot be', async () => {
    const exit = await runFunc({
      cwd: app.folder,
      port: await freePort(),
      env: environment('11'),
    });

    expect(exit.code).toBe(1);
    expect(exit.stderr.trim()).toBe(
      'environment: FUNCTIONS_WORKER_PROCESS_COUNT = 11: It must be a whole number from 1 to 10.',
    );
  });

  it('is one where the hub is in memory', async () => {
    const exit = await runFunc({
      cwd: app.folder,
      port: await freePort(),
      args: ['--storage', 'memory'],
      env: environment('2'),
    });

    expect(exit.code).toBe(1);
    expect(exit.stderr).toMatch(
      /FUNCTIONS_WORKER_PROCESS_COUNT = 2: .* in memory, .* one process\. Run one/,
    );
  });

  it('does not hide that the port is taken', async () => {
    const func = await startApp();

    const exit = await runFunc({ cwd: app.folder, port: func.port, env: environment('2') });

    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain(`Port ${func.port} is unavailable.`);
  });
});

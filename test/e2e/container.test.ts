/**
 * What `func init --docker` writes, as a container runtime runs it, without one: the command line of the image as process 1 of its own
 * PID namespace, as a user without rights, on a file system that is read-only but for /data.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { func } from '../support/func-command.ts';
import { freePort, REPOSITORY } from '../support/func-process.ts';
import { run } from '../support/instances.ts';
import { LONG, patient } from '../support/patience.ts';

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const START_TIMEOUT_MS = 30_000;

/** Makes all that is mounted read-only, gives `$1` a file system of its own, and becomes the rest of the arguments. */
const RUN_IN_CONTAINER = `set -e
mount -t tmpfs -o mode=1777 tmpfs "$1"
mount -o remount,bind,ro /
mountpoint -q /tmp && mount -o remount,bind,ro /tmp
shift
exec setpriv ${NOBODY.join(' ')} --no-new-privs "$@"`;

/** Why it cannot be tried here; undefined where it can. */
function obstacle(): string | undefined {
  const isolate = [
    '--mount',
    '--pid',
    '--fork',
    '--mount-proc',
    'mount',
    '-t',
    'tmpfs',
    'none',
    '/mnt',
  ];
  if (spawnSync('unshare', isolate).status !== 0) return 'unshare may not mount here';
  const program = path.join(REPOSITORY, 'dist/cli/func.js');
  const read = spawnSync('setpriv', [...NOBODY, process.execPath, '--check', program]);
  return read.status === 0 ? undefined : `a user without rights cannot run ${program}`;
}

const reason = obstacle();
if (reason !== undefined) {
  process.stderr.write(
    `SKIPPED: the image of func init --docker, run without a daemon: ${reason}\n`,
  );
}

const FUNCTIONS = `const { app } = require('@azure/functions');
const fs = require('node:fs');
const write = (file) => {
  try { fs.writeFileSync(file, ''); return 'written'; } catch (error) { return error.code; }
};
app.http('place', { authLevel: 'anonymous', handler: () => ({ jsonBody: {
  pid: process.pid, uid: process.getuid(),
  app: write(__dirname + '/x'), tmp: write(require('node:os').tmpdir() + '/x'),
} }) });
app.http('slow', { authLevel: 'anonymous', handler: async (request) => {
  console.log('slow began');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return { body: 'done' };
} });
`;

interface Image {
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/** `ENV` and `CMD` of the last stage. */
function imageOf(dockerfile: string): Image {
  const stage = dockerfile.split(/^FROM /m).at(-1) ?? '';
  const [, env = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(stage) ?? [];
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(stage) ?? [];
  const pairs = env.split(/\s*\\\n\s*/).map((pair) => pair.split('='));
  return {
    env: Object.fromEntries(pairs.map(([name = '', ...value]) => [name, value.join('=')])),
    command: JSON.parse(command) as string[],
  };
}

describe.skipIf(reason !== undefined)('the image of func init --docker', LONG, () => {
  let folder: string;
  let data: string;
  let url: string;
  let container: ChildProcess;
  let exited: Promise<number | null>;
  let output = '';

  beforeAll(
    async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'image-'));
      // Above the app, everybody may look: in an image nothing is above it.
      await chmod(folder, 0o755);
      data = path.join(folder, 'data');
      await mkdir(data);
      const app = path.join(folder, 'app');
      const here = ['--script-root', app];
      await mkdir(path.join(app, 'node_modules/@azure'), { recursive: true });
      await func('init', '--language', 'javascript', '--docker', ...here);
      await func('new', '-t', 'Durable Functions orchestrator', '-n', 'hello', ...here);
      await writeFile(path.join(app, 'src/functions/place.js'), FUNCTIONS);
      // .dockerignore keeps it out of the image.
      await rm(path.join(app, 'local.settings.json'));
      await symlink(REPOSITORY, path.join(app, 'node_modules/durable-functions-extension'));
      for (const name of ['durable-functions', '@azure/functions']) {
        await symlink(
          path.join(REPOSITORY, 'node_modules', name),
          path.join(app, 'node_modules', name),
        );
      }
      const { env, command } = imageOf(await readFile(path.join(app, 'Dockerfile'), 'utf8'));
      const inData = (text: string): string => text.replace(/^\/data\b/, data);
      const port = await freePort();
      url = `http://localhost:${port}`;
      const [, ...args] = command;
      container = spawn(
        'unshare',
        [
          ...['--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
          ...['sh', '-c', RUN_IN_CONTAINER, 'sh', data, process.execPath, ...args],
        ],
        {
          cwd: app,
          env: {
            PATH: process.env['PATH'] ?? '',
            ...Object.fromEntries(
              Object.entries(env).map(([name, value]) => [name, inData(value)]),
            ),
            PORT: String(port),
          },
        },
      );
      container.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      container.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      exited = new Promise((resolve) => container.once('exit', resolve));
      await eventually(
        () => {
          if (container.exitCode !== null) throw new Error(output);
          return output.includes('For detailed output');
        },
        { timeoutMs: START_TIMEOUT_MS, intervalMs: 25 },
      );
    },
    patient(2 * START_TIMEOUT_MS),
  );

  afterAll(async () => {
    container.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  });

  it('is process 1, has no rights, and writes to nothing but /data', async () => {
    const place: unknown = await (await fetch(`${url}/api/place`)).json();

    expect(place).toEqual({ pid: 1, uid: 65534, app: 'EROFS', tmp: 'EROFS' });
  });

  it('is well, and runs orchestrations', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const { output: greetings } = await run(`${url}/api/orchestrators/helloOrchestrator`);
    expect(greetings).toEqual(['Hello, Tokyo', 'Hello, Seattle', 'Hello, Cairo']);
  });

  it('finishes what runs after SIGTERM, and ends with 0', async () => {
    const answered = fetch(`${url}/api/slow`).then((response) => response.text());
    await eventually(() => output.includes('slow began'));

    const children = await readFile(
      `/proc/${container.pid}/task/${container.pid}/children`,
      'utf8',
    );
    process.kill(Number(children), 'SIGTERM');

    expect(await answered).toBe('done');
    expect(await exited).toBe(0);
  });
});

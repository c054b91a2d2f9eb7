import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { func, funcWith } from '../support/func-command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'new-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function init(...args: string[]): Promise<void> {
  expect((await func('init', ...args, '--script-root', folder)).code).toBe(0);
}

function create(...args: string[]): ReturnType<typeof func> {
  return func('new', ...args, '--script-root', folder);
}

function read(name: string): Promise<string> {
  return readFile(path.join(folder, name), 'utf8');
}

describe('func new', () => {
  it('writes a function of the v4 model where main of package.json looks for it', async () => {
    await init('--language', 'javascript');

    const { code, out } = await create('--template', 'http TRIGGER', '--name', 'hello');

    expect(code).toBe(0);
    expect(out).toContain(
      'The function "hello" was created successfully from the "HTTP trigger" template.',
    );
    expect(await read('src/functions/hello.js')).toContain("app.http('hello', {");
  });

  it('writes TypeScript into an app in TypeScript', async () => {
    await init('--language', 'typescript');

    await create('-t', 'HTTP trigger', '-n', 'hello', '-a', 'Function', '--typescript');

    const code = await read('src/functions/hello.ts');
    expect(code).toContain("import { app } from '@azure/functions';");
    expect(code).toContain("authLevel: 'function'");
  });

  it('writes imports into an app of modules', async () => {
    await init('--language', 'javascript');
    const json = JSON.parse(await read('package.json')) as object;
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ ...json, type: 'module', main: './lib/*.js' }),
    );

    await create('-t', 'Durable Functions activity', '-n', 'hello');

    expect(await read('lib/hello.js')).toMatch(/^import df from 'durable-functions';/);
  });

  it('writes a folder with function.json in the classic model', async () => {
    await init('--language', 'typescript', '--model', 'V3');

    const { code } = await create('-t', 'HTTP trigger', '-n', 'Hello');

    expect(code).toBe(0);
    expect(JSON.parse(await read('Hello/function.json'))).toMatchObject({
      bindings: [{ type: 'httpTrigger', authLevel: 'function' }, { type: 'http' }],
      scriptFile: '../dist/Hello/index.js',
    });
    expect(await read('Hello/index.ts')).toContain('export default async function');
  });

  it('adds durable-functions to package.json once, where it is not there', async () => {
    await init('--language', 'javascript');
    const { dependencies, ...content } = JSON.parse(await read('package.json')) as {
      dependencies: Record<string, string>;
    };
    delete dependencies['durable-functions'];
    const json = JSON.stringify({ ...content, dependencies });
    await writeFile(path.join(folder, 'package.json'), json);

    const first = await create('-t', 'Durable Functions orchestrator', '-n', 'first');
    const second = await create('-t', 'Durable Functions entity', '-n', 'second');

    expect(first.out).toContain("Added 'durable-functions' to package.json. Run npm install.");
    expect(second.out).not.toContain('Added');
    expect(JSON.parse(await read('package.json'))).toMatchObject({
      dependencies: { '@azure/functions': '^4.0.0', 'durable-functions': '^3.0.0' },
    });
  });

  it('makes the app first where there is none', async () => {
    const { code } = await create('-t', 'Timer trigger', '-n', 'tick', '-l', 'javascript');

    expect(code).toBe(0);
    expect(await read('host.json')).toContain('"version": "2.0"');
    expect(await read('src/functions/tick.js')).toContain("app.timer('tick'");
  });

  it('asks for template and name at a terminal', async () => {
    await init('--language', 'javascript');

    const { code, asked, out } = await funcWith('1', 'new', '-n', 'x', '--script-root', folder);

    expect(code).toBe(0);
    expect(asked).toEqual(['Number or name of the template: ']);
    expect(out).toContain('from the "HTTP trigger" template');
  });

  it('does not overwrite a function, unless it is forced', async () => {
    await init('--language', 'javascript');
    await mkdir(path.join(folder, 'src/functions'), { recursive: true });
    await writeFile(path.join(folder, 'src/functions/hello.js'), 'mine');

    const refused = await create('-t', 'HTTP trigger', '-n', 'hello');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('src/functions/hello.js exists');
    expect(await read('src/functions/hello.js')).toBe('mine');

    expect((await create('-t', 'HTTP trigger', '-n', 'hello', '--force')).code).toBe(0);
  });

  it.each([
    [['-t', 'HTTP triger', '-n', 'x'], `in "javascript". Did you mean "HTTP trigger"?`],
    [['-t', 'Kafka output', '-n', 'x'], 'There are: HTTP trigger, '],
    [['-t', 'HTTP trigger', '-n', '1x'], "'1x' is not a valid function name"],
    [['-t', 'HTTP trigger', '-n', 'Host'], "'Host' is not a valid function name"],
    [['-t', 'HTTP trigger'], 'Command must specify --template, and --name explicitly.'],
    [['-t', 'HTTP trigger', '-n', 'x', '-a', 'all'], 'anonymous'],
  ])('refuses %j', async (args, reason) => {
    await init('--language', 'javascript');

    const { code, err } = await create(...args);

    expect(code).toBe(1);
    expect(err).toContain(reason);
  });

  it.each([
    ['-t', 'Kafka output', '-n', 'x'],
    ['-t', 'HTTP trigger', '-n', '1x'],
  ])('leaves an empty folder empty when it refuses %j %j %j %j', async (...args) => {
    expect((await create(...args, '--language', 'javascript')).code).toBe(1);

    expect(await readdir(folder)).toEqual([]);
  });

  it('is func function new, and func function create, too', async () => {
    await init('--language', 'javascript');

    for (const name of ['new', 'create']) {
      const args = ['function', name, '-t', 'Timer trigger', '-n', name, '--script-root', folder];
      expect((await func(...args)).code).toBe(0);
    }
  });
});

describe('func help', () => {
  it.each([
    ['httptrigger', 'func new --template "HTTP trigger" --name httpTrigger'],
    ['Durable Functions Entity HTTP starter', '--name DurableFunctionsEntityHttpStart'],
  ])('explains the template %s', async (name, line) => {
    const { code, out } = await func('help', ...name.split(' '));

    expect([code, out]).toEqual([0, expect.stringContaining(line)]);
  });
});

describe('func templates list', () => {
  it('lists what func new takes, by language', async () => {
    const { out } = await func('templates', 'list', '--language', 'typescript');

    expect(out).toMatch(/^TypeScript Templates:\n {2}HTTP trigger\n/);
    expect(out).toContain('Durable Functions orchestrator');
    expect(out).not.toContain('JavaScript');
  });
});

/** Words that mean something to JavaScript, to paths or to a terminal, wherever `func` takes a word: they are words to it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { func } from '../support/func-command.ts';
import { LONG } from '../support/patience.ts';

const word = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '--constructor',
    '--__proto__',
    '-constructor',
    '/constructor',
    '--id=constructor',
    '../x',
    '..',
    '',
    '%00',
    '%constructor%',
    '\u001b[2J',
    'a\nb',
    '{"__proto__":1}',
    '@constructor',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'words-'));
  await writeFile(path.join(folder, 'host.json'), '{"version":"2.0"}');
});
afterAll(() => rm(folder, { recursive: true }));

/** Nothing of JavaScript shows, and no fault of ours. */
async function expectWords(...args: string[]): Promise<void> {
  const { code, out, err } = await func(...args);
  expect([0, 1]).toContain(code);
  expect(out + err).not.toMatch(
    /\[native code\]|\[object |function Object|TypeError|RangeError|\n\s+at /,
  );
}

describe('func', () => {
  it('takes no word for something that every object has', LONG, async () => {
    const command = fc.constantFrom(
      ['durable', 'terminate', '--id'],
      ['durable', 'raise-event', '--event-name', 'x', '--id'],
      ['durable', 'get-instances', '--runtime-status'],
      ['durable', 'purge-history', '--created-before'],
      ['durable', 'start-new', '--function-name'],
      ['durable', 'start-new', '--function-name', 'x', '--input'],
      ['durable', 'get-runtime-status', '--task-hub-name'],
      ['durable'],
      ['new', '--script-root', 'FOLDER', '--name', 'x', '--template'],
      ['new', '--script-root', 'FOLDER', '--template', 'HTTP trigger', '--authlevel'],
      ['init', '--script-root', 'FOLDER', '--worker-runtime'],
      ['init', '--script-root', 'FOLDER', '--bundles-channel'],
      ['templates', 'list', '--language'],
      ['settings', 'delete', '--script-root', 'FOLDER'],
      ['help'],
      ['completion'],
      ['start', '--port'],
      ['start', '--port', 'x', '--storage'],
      [],
    );
    // Storage is never asked: there is no such setting.
    const connection = ['--connection-string-setting', 'NOBODY_HAS_SET_THIS'];
    await fc.assert(
      fc.asyncProperty(command, word, async (names, text) => {
        const args = [...names.map((name) => (name === 'FOLDER' ? folder : name)), text];
        fc.pre(args.join('') !== '' && !['start', '--help', '-h'].includes(args.at(-1) ?? ''));
        await expectWords(...args, ...(names[0] === 'durable' ? connection : []));
      }),
      { numRuns: 250 },
    );
  });

  it.each(INHERITED)('keeps a setting by the name %s, and finds it again', async (name) => {
    const inFolder = ['--script-root', folder];
    await func('settings', 'add', name, 'value', ...inFolder);

    const text = await readFile(path.join(folder, 'local.settings.json'), 'utf8');
    const { Values: values } = JSON.parse(text) as { Values: Record<string, string> };
    expect(Object.entries(values)).toContainEqual([name, 'value']);
    expect((await func('settings', 'list', '--showValue', ...inFolder)).out).toContain(
      `Name: ${name}\n      Value: value`,
    );
    expect((await func('settings', 'delete', name, ...inFolder)).code).toBe(0);
  });
});

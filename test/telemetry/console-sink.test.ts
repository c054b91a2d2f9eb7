import { describe, expect, it } from 'vitest';
import { createCategoryFilter } from '../../src/telemetry/category-filter.ts';
import { createConsoleSink, type ConsoleSinkOptions } from '../../src/telemetry/console-sink.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';

const NOON = Date.parse('2026-11-21T12:00:00.123Z');

function shown(record: Partial<LogRecord>, options: Partial<ConsoleSinkOptions> = {}): string[] {
  const lines: string[] = [];
  const sink = createConsoleSink({
    isShown: createCategoryFilter(),
    now: () => NOON,
    writeLine: (line) => lines.push(line),
    ...options,
  });
  sink.write({
    level: 'information',
    category: 'Function.Say.User',
    message: 'hello',
    fields: {},
    eventId: 0,
    ...record,
  });
  return lines;
}

describe('the console sink', () => {
  it('puts the UTC time with milliseconds before every line', () => {
    expect(shown({ message: 'one\ntwo' })).toEqual([
      '[2026-11-21T12:00:00.123Z] one',
      '[2026-11-21T12:00:00.123Z] two',
    ]);
  });

  it('drops what the filter drops', () => {
    expect(shown({ category: 'Host.Startup' })).toEqual([]);
  });

  it('shows the stack of an error in user code', () => {
    const lines = shown({ level: 'error', error: new Error('flaked') });

    expect(lines.join('\n')).toContain('Error: flaked\n');
  });

  it.each([
    [
      'cannot be read',
      {
        get: () => {
          throw new Error('not for you');
        },
      },
    ],
    ['is no text', { value: 5 }],
  ])('leaves out a stack that %s', (_what, stack) => {
    const error = Object.defineProperty(new Error('x'), 'stack', stack);

    expect(shown({ level: 'error', error })).toHaveLength(1);
  });

  it('keeps the stack of an error of the host for --verbose', () => {
    const record = { level: 'error', category: 'Host.Startup', error: new Error('x') } as const;

    expect(shown(record)).toHaveLength(1);
    expect(shown(record, { verbose: true }).length).toBeGreaterThan(1);
  });

  it.each(['Function.Say.User', 'Function.Say', 'Host.General', 'Host.Triggers.DurableTask'])(
    'lets no control character of a text of %s reach the terminal',
    (category) => {
      const hostile = 'a\u001b]0;title\u0007b\u001b[2Jc\rd\u009b31me\u0000\u007f\u202ef';
      const isShown = () => true;

      for (const colors of [true, false]) {
        const [line = ''] = shown({ category, message: hostile }, { colors, isShown });
        expect(line.replaceAll(/\u001b\[3[69]m/g, '')).toMatch(/^[\x20-\x7e]+$/);
        expect(line).toContain('a\\u001b]0;title\\u0007b\\u001b[2Jc\\u000dd\\u009b31me');
      }
    },
  );

  it('lets an app choose colours, which end with its line, and nobody else', () => {
    const message = '\u001b[32mgreen';
    const user = shown({ message }, { colors: true });
    const host = shown({ message, category: 'Function.Say' }, { colors: true });

    expect(user[0]).toContain('\u001b[32mgreen\u001b[0m');
    expect(host[0]).toContain('\\u001b[32mgreen');
    expect(shown({ message })[0]).toContain('\\u001b[32mgreen');
  });

  it('paints warnings yellow where the terminal has colours', () => {
    const lines = shown({ level: 'warning' }, { colors: true });

    expect(lines).toEqual(['[2026-11-21T12:00:00.123Z] \u001b[33mhello\u001b[39m']);
  });
});

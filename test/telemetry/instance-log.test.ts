import { describe, expect, it } from 'vitest';
import { InstanceLog, type InstanceLogOptions } from '../../src/telemetry/instance-log.ts';
import type { LogFields, LogLevel, LogRecord } from '../../src/telemetry/log.ts';

function open(options: Partial<InstanceLogOptions> = {}) {
  let nowMs = 0;
  const records: LogRecord[] = [];
  const log = new InstanceLog({
    next: { write: (record) => records.push(record) },
    now: () => nowMs++,
    ...options,
  });
  const write = (message: string, fields: LogFields, level: LogLevel = 'information'): void => {
    log.write({ level, category: 'Function.Say', message, fields, eventId: 0 });
  };
  const messagesOf = (instanceId: string, count = 100): readonly string[] =>
    log.linesOf(instanceId, count).lines.map(({ message }) => message);
  return { log, write, messagesOf, records };
}

describe('the lines about an instance', () => {
  it('are kept for each instance, and the log has all', () => {
    const { write, messagesOf, records } = open();

    write('one\n', { instanceId: 'a' });
    write('two', { instanceId: 'b' }, 'error');
    write('three', { instanceId: 'a' });
    write('of nobody', {});
    write('too little', { instanceId: 'a' }, 'debug');

    expect(messagesOf('a')).toEqual(['one', 'three']);
    expect(messagesOf('a', 1)).toEqual(['three']);
    expect(records).toHaveLength(5);
  });

  it('are no more than may be, and it is told since when there are all', () => {
    const { log, write, messagesOf } = open({ maxLines: 3 });

    for (let n = 1; n <= 20; n++) write(`line ${n}`, { instanceId: n % 2 === 0 ? 'a' : 'b' });

    expect(messagesOf('a')).toEqual(['line 18', 'line 20']);
    expect(messagesOf('b')).toEqual(['line 19']);
    // The first one was at 1, and the clock was asked once before.
    expect(log.linesOf('a', 1).sinceMs).toBe(18);
  });

  it('are no longer than may be, together and each', () => {
    const { write, messagesOf } = open({ maxLength: 10_000 });

    for (const letter of ['x', 'y', 'z']) write(letter.repeat(9_000), { instanceId: 'a' });

    expect(messagesOf('a').map((line) => [line[0], line.length])).toEqual([
      ['y', 4_001],
      ['z', 4_001],
    ]);
  });

  it('show no keys', () => {
    const { write, messagesOf } = open();

    write('calls http://localhost/api?code=secret&x=1', { instanceId: 'a' });

    expect(messagesOf('a')).toEqual(['calls http://localhost/api?code=[redacted]&x=1']);
  });
});

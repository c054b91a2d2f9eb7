import { describe, expect, it } from 'vitest';
import { netText, netTime } from '../../src/base/net-time.ts';

describe('a time as .NET writes it', () => {
  it.each([
    ['2026-11-21T03:20:44.1230000Z', '2026-11-21T03:20:44.123Z'],
    ['2026-11-21T03:20:44.1000001Z', '2026-11-21T03:20:44.1000001Z'],
    ['2026-11-21T03:20:44.0000000Z', '2026-11-21T03:20:44Z'],
    ['2026-11-21T03:20:40Z', '2026-11-21T03:20:40Z'],
  ])('%s has no zeros at the end in JSON', (time, expected) => {
    expect(netTime(time)).toBe(expected);
  });

  it('begins with the month in text', () => {
    expect(netText('2026-11-21T03:20:44.123Z')).toBe('11/21/2026 03:20:44');
  });
});

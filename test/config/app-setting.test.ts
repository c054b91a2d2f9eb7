import { describe, expect, it } from 'vitest';
import { findAppSetting, resolveAppSettings } from '../../src/config/app-setting.ts';

const ENVIRONMENT = {
  Hub: 'Sales',
  hub: 'lower',
  REGION: 'West',
  Queues__Orders: 'orders',
  'ConnectionStrings:Db': 'Server=x',
  Empty: '',
};

describe('app settings', () => {
  it.each([
    ['Hub', 'Sales'],
    ['hub', 'lower'],
    ['HUB', 'Sales'],
    ['region', 'West'],
    ['Queues:Orders', 'orders'],
    ['queues__orders', 'orders'],
    ['ConnectionStrings__Db', 'Server=x'],
    ['Empty', ''],
    ['toString', undefined],
    ['Missing', undefined],
  ])('%s is found as %j', (name, value) => {
    expect(findAppSetting(ENVIRONMENT, name)).toBe(value);
  });
});

describe('%NAME% in text', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['%Hub%', 'Sales'],
    ['%REGION%-%Hub%-queue', 'West-Sales-queue'],
    ['a%Hub%%REGION%b', 'aSalesWestb'],
    ['%Queues:Orders%', 'orders'],
    ['%Empty%', ''],
  ])('%j becomes %j', (text, resolved) => {
    expect(resolveAppSettings(text, ENVIRONMENT)).toBe(resolved);
  });

  it.each([
    ['%Missing%', "'%Missing%' does not resolve to a value."],
    ['%Hub%-%Missing%', "'%Missing%' does not resolve to a value."],
    ['%%', "'%%' does not resolve to a value."],
    ['50%', "The '%' at position 2 does not have a closing '%'"],
    ['%Hub%-%Missing', "The '%' at position 6 does not have a closing '%'"],
  ])('%j is refused: %s', (text, message) => {
    expect(() => resolveAppSettings(text, ENVIRONMENT)).toThrow(message);
  });

  it('does not resolve what a setting itself contains', () => {
    expect(resolveAppSettings('%A%', { A: '%B%', B: 'b' })).toBe('%B%');
  });
});

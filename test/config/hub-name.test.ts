import { describe, expect, it } from 'vitest';
import { resolveHubName, sanitizeHubName } from '../../src/config/hub-name.ts';

function invalid(name: string): string {
  return `Task hub name '${name}' should contain only alphanumeric characters, start with a letter, and have length between 3 and 45.`;
}

describe('an explicit hub name', () => {
  it.each(['abc', 'TestHub1', 'tables', 'a'.repeat(45), 'a'.repeat(50)])('%s is taken', (name) => {
    expect(resolveHubName(name, {})).toBe(name);
  });

  it.each([
    'Task-Hub-Name-Test',
    '1TaskHubNameTest',
    '/TaskHubNameTest',
    '-taskhubnametest',
    'ab',
    'Test Hub',
    'a_b',
    'héllo',
    'a'.repeat(51),
    'a'.repeat(90),
  ])('%s is refused', (name) => {
    expect(() => resolveHubName(name, {})).toThrow(invalid(name));
  });

  it('must not be empty', () => {
    expect(() => resolveHubName('', {})).toThrow('A non-empty HubName configuration is required.');
  });

  it('may refer to an app setting, as a whole or in part', () => {
    expect(resolveHubName('%Hub%', { Hub: 'SalesHub' })).toBe('SalesHub');
    expect(resolveHubName('%Hub%V2', { Hub: 'SalesHub' })).toBe('SalesHubV2');
  });

  it('is checked after the app setting is resolved', () => {
    expect(() => resolveHubName('%Hub%', { Hub: 'Sales-Hub' })).toThrow(invalid('Sales-Hub'));
    expect(() => resolveHubName('%Hub%', {})).toThrow("'%Hub%' does not resolve to a value.");
  });

  it('wins over the site name and is allowed in any slot', () => {
    const environment = { WEBSITE_SITE_NAME: 'site', WEBSITE_SLOT_NAME: 'staging' };
    expect(resolveHubName('Mine', environment)).toBe('Mine');
  });
});

describe('the default hub name', () => {
  it('is TestHubName outside Azure', () => {
    expect(resolveHubName(undefined, {})).toBe('TestHubName');
    expect(resolveHubName(undefined, { WEBSITE_SITE_NAME: '' })).toBe('TestHubName');
  });

  // Recorded from IsSanitizedHubName of extension 3.14.1.
  it.each([
    ['my-site', 'mysite'],
    ['my_site.x', 'mysitex'],
    ['1TaskHub', 't1TaskHub'],
    ['--------', 'DefaultTaskHub'],
    ['bb', 'bbHub'],
    ['b', 'bHub'],
    ['1', 't1Hub'],
    ['12', 't12'],
    [`a${'b'.repeat(80)}`, `a${'b'.repeat(44)}`],
    [`1${'b'.repeat(44)}`, `t1${'b'.repeat(43)}`],
    ['Ⅷabc', 'abc'],
  ])('is made of the site name %s: %s', (site, hub) => {
    expect(resolveHubName(undefined, { WEBSITE_SITE_NAME: site })).toBe(hub);
  });

  it('keeps ASCII only, so that storage accepts it', () => {
    expect(sanitizeHubName('café-été')).toBe('caft');
  });

  it('is refused in a slot that is not production', () => {
    const environment = { WEBSITE_SITE_NAME: 'site', WEBSITE_SLOT_NAME: 'Staging' };
    expect(() => resolveHubName(undefined, environment)).toThrow(
      /^Task Hub name must be specified in host\.json when using slots\. Specified name must not equal the default HubName \(site\)\./,
    );
  });

  it('is allowed in the production slot, in any case', () => {
    const environment = { WEBSITE_SITE_NAME: 'site', WEBSITE_SLOT_NAME: 'PRODUCTION' };
    expect(resolveHubName(undefined, environment)).toBe('site');
  });
});

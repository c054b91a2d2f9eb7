import { describe, expect, it } from 'vitest';
import { createCategoryFilter } from '../../src/telemetry/category-filter.ts';

describe('the category filter', () => {
  it('shows functions from Information and the host from Warning', () => {
    const isShown = createCategoryFilter();

    expect(isShown({ category: 'Function.Say', level: 'information' })).toBe(true);
    expect(isShown({ category: 'Function.Say.User', level: 'debug' })).toBe(false);
    expect(isShown({ category: 'Host.Startup', level: 'information' })).toBe(false);
    expect(isShown({ category: 'Host.Startup', level: 'warning' })).toBe(true);
  });

  it('shows the host from Debug when verbose', () => {
    const isShown = createCategoryFilter({ verbose: true });

    expect(isShown({ category: 'Host.Startup', level: 'debug' })).toBe(true);
    expect(isShown({ category: 'Host.Startup', level: 'trace' })).toBe(false);
  });

  it('lets the longest prefix of host.json decide, whatever its case', () => {
    const isShown = createCategoryFilter({
      rules: { default: 'error', function: 'none', 'Function.SAY.User': 'trace' },
    });

    expect(isShown({ category: 'Host.Startup', level: 'warning' })).toBe(false);
    expect(isShown({ category: 'Function.Say', level: 'critical' })).toBe(false);
    expect(isShown({ category: 'Function.Say.User', level: 'trace' })).toBe(true);
  });

  it('compares whole segments of a category', () => {
    const isShown = createCategoryFilter({ rules: { 'Function.Say': 'none' } });

    expect(isShown({ category: 'Function.SayHello', level: 'information' })).toBe(true);
  });
});

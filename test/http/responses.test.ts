import { describe, expect, it } from 'vitest';
import { jsonArrayResponse } from '../../src/http/responses.ts';

const MEGABYTE = 1024 * 1024;

describe('a JSON array as a response', () => {
  it('goes out in one piece while it is short', async () => {
    const response = jsonArrayResponse([() => '1', () => '"é"'], 4, { 'x-token': 'next' });

    expect(await response.json()).toEqual([1, 'é']);
    expect(response.headers.get('x-token')).toBe('next');
  });

  it('makes its elements one after the other when it is long, as they are read', async () => {
    let made = 0;
    const element = (): string => {
      made++;
      return JSON.stringify('x'.repeat(MEGABYTE));
    };
    const elements = Array<typeof element>(10).fill(element);

    const reader = jsonArrayResponse(elements, 10 * MEGABYTE, {}).body?.getReader();
    await reader?.read();
    expect(made).toBeLessThan(5);
    await reader?.cancel();

    const whole = (await jsonArrayResponse(elements, 10 * MEGABYTE, {}).json()) as string[];
    expect(whole.map(({ length }) => length)).toEqual(Array(10).fill(MEGABYTE));
  });

  it('is an empty array when it has no elements', async () => {
    expect(await jsonArrayResponse([], 0, {}).text()).toBe('[]');
  });
});

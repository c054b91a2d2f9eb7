import { describe, expect, it } from 'vitest';
import { matchRoute } from '../../src/triggers/route-match.ts';
import { parseRouteTemplate } from '../../src/triggers/route-template.ts';

const match = (template: string, path: string) => matchRoute(parseRouteTemplate(template), path);

describe('literals', () => {
  it('match whatever their case, with or without a trailing slash', () => {
    expect(match('api/Items', '/API/items')).toEqual({});
    expect(match('api/items', '/api/items/')).toEqual({});
    expect(match('/api/items/', '/api/items')).toEqual({});
  });

  it('do not match longer, shorter or doubled-slash paths', () => {
    expect(match('api/items', '/api/items/1')).toBeUndefined();
    expect(match('api/items', '/api')).toBeUndefined();
    expect(match('api/items', '/api//items')).toBeUndefined();
  });

  it('match the decoded path', () => {
    expect(match('api/käse', '/api/k%C3%A4se')).toEqual({});
  });

  it('write braces twice', () => {
    expect(match('api/{{x}}', '/api/{x}')).toEqual({});
    expect(match('a{{b}}c{id}', '/a%7Bb%7Dc7')).toEqual({ id: '7' });
  });
});

describe('parameters', () => {
  it('take one segment, decoded except for an encoded slash', () => {
    expect(match('api/{id}', '/api/a%20b%2Fc%2fd')).toEqual({ id: 'a b%2Fc%2fd' });
    expect(match('api/{id}', '/api/%ff+%zz')).toEqual({ id: '%ff+%zz' });
    expect(match('api/{id}', '/api')).toBeUndefined();
  });

  it('may be optional at the end; then they are absent', () => {
    expect(match('api/{a}/{b?}', '/api/1')).toEqual({ a: '1' });
    expect(match('api/{a}/{b?}', '/api/1/2')).toEqual({ a: '1', b: '2' });
    expect(match('api/{a?}/{b?}', '/api')).toEqual({});
  });

  it('may have a default', () => {
    expect(match('api/{id=5}', '/api')).toEqual({ id: '5' });
    expect(match('api/{id=5}', '/api/6')).toEqual({ id: '6' });
    expect(match('{controller=Home}/{id:int=3}', '/')).toEqual({ controller: 'Home', id: '3' });
  });

  it('keep names that objects have special meanings for', () => {
    const values = match('{constructor}/{toString}', '/a/b');

    expect(values && Object.entries(values)).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
    ]);
  });
});

describe('catch-all', () => {
  it.each(['{*rest}', '{**rest}'])('%s takes the rest, slashes included', (part) => {
    expect(match(`files/${part}`, '/files/a/b.txt')).toEqual({ rest: 'a/b.txt' });
    expect(match(`files/${part}`, '/files/a/')).toEqual({ rest: 'a/' });
    expect(match(`files/${part}`, '/files')).toEqual({});
    expect(match(`files/${part}`, '/files/')).toEqual({});
  });

  it('may have constraints and a default', () => {
    expect(match('{*rest:regex(^a/.*$)}', '/b/c')).toBeUndefined();
    expect(match('{*rest:regex(^a/.*$)}', '/a/c')).toEqual({ rest: 'a/c' });
    expect(match('x/{*rest=none}', '/x')).toEqual({ rest: 'none' });
  });

  it('with a constraint matches nothing only if it may be absent', () => {
    expect(match('x/{*rest:alpha}', '/x')).toBeUndefined();
  });
});

describe('mixed segments', () => {
  it('match from the right', () => {
    expect(match('{file}.{ext}', '/a.b.txt')).toEqual({ file: 'a.b', ext: 'txt' });
    expect(match('v{ver}', '/V1.2')).toEqual({ ver: '1.2' });
    expect(match('{a}-{b}', '/1-2-3')).toEqual({ a: '1-2', b: '3' });
    expect(match('a{x}b', '/aXbYb')).toEqual({ x: 'XbY' });
  });

  it('leave no parameter empty', () => {
    expect(match('{file}.{ext}', '/.txt')).toBeUndefined();
    expect(match('{file}.{ext}', '/a.')).toBeUndefined();
    expect(match('v{ver}', '/v')).toBeUndefined();
    expect(match('v{ver}', '/wv1')).toBeUndefined();
    expect(match('{a}v', '/1vx')).toBeUndefined();
  });

  it('may end with an optional part after a period', () => {
    expect(match('{file}.{ext?}', '/a')).toEqual({ file: 'a' });
    expect(match('{file}.{ext?}', '/a.txt')).toEqual({ file: 'a', ext: 'txt' });
    expect(match('{file}.{ext?}', '/a.')).toBeUndefined();
  });
});

describe('constraints', () => {
  it.each([
    ['int', ['0', '-7', '2147483647'], ['2147483648', '1.0', 'a', '0x1']],
    ['long', ['9223372036854775807'], ['9223372036854775808', 'x']],
    ['bool', ['true', 'FALSE'], ['1', 'yes']],
    [
      'guid',
      ['cd2c1638-1638-72d5-1638-deadbeef1638', '{CD2C1638-1638-72D5-1638-DEADBEEF1638}'],
      ['cd2c1638'],
    ],
    ['alpha', ['Abc'], ['a1', 'ä']],
    ['datetime', ['2026-11-21', '2026-11-21T08:30:00Z', '2026-11-21%2023:59'], ['2026-13-01', 'x']],
    ['decimal', ['1.5', '-10', '1,000.5'], ['1e5', 'x']],
    ['double', ['1.5', '1e5', 'NaN'], ['x']],
    ['float', ['-.5'], ['1.2.3']],
    ['length(3)', ['abc'], ['ab', 'abcd']],
    ['length(2,5)', ['ab', 'abcde'], ['a', 'abcdef']],
    ['minlength(2)', ['ab'], ['a']],
    ['maxlength(2)', ['ab'], ['abc']],
    ['min(18)', ['18'], ['17', 'x']],
    ['max(120)', ['-1', '120'], ['121']],
    ['range(1,9)', ['1', '9'], ['0', '10']],
    ['regex(^\\d{{3}}-(a|b)$)', ['123-a', '123-B'], ['12-a', '123-c']],
    ['required', ['x'], []],
    ['file', ['a.txt'], ['a', 'a.']],
    ['nonfile', ['a'], ['a.txt']],
    ['int:min(5)', ['5'], ['4']],
  ])('%s', (constraint, accepted, refused) => {
    const template = `x/{v:${constraint}}`;

    for (const value of accepted) expect(match(template, `/x/${value}`), value).toBeDefined();
    for (const value of refused) expect(match(template, `/x/${value}`), value).toBeUndefined();
  });

  it('of optional parameters are asked only about a value', () => {
    expect(match('x/{v:int?}', '/x')).toEqual({});
    expect(match('x/{v:int?}', '/x/a')).toBeUndefined();
    expect(match('x/{v:regex(^a?$)?}', '/x/a')).toEqual({ v: 'a' });
  });

  it('may hold slashes, colons and equals signs in a regex', () => {
    expect(match('x/{v:regex(^a=(b:c)$)=d}', '/x/a=b:c')).toEqual({ v: 'a=b:c' });
    expect(match('{*v:regex(^a/b$)}', '/a/b')).toEqual({ v: 'a/b' });
  });
});

describe('templates that break a rule', () => {
  it.each([
    ['{id', 'incomplete parameter'],
    ['id}', 'incomplete parameter'],
    ['a//b', 'cannot appear consecutively'],
    ['a?b', "'?'"],
    ['{}', 'parameter name'],
    ['{a?b}', 'parameter name'],
    ['{*rest}/x', 'only be the last segment'],
    ['a{*rest}', 'cannot contain a catch-all'],
    ['{*rest?}', 'cannot be marked optional'],
    ['{a}{b}', 'two consecutive parameters'],
    ['{a}/{A}', 'more than once'],
    ['{a}-{b?}', 'only a period'],
    ['{a=5?}', 'cannot have a default'],
    ['~x', "'~'"],
    ['{a:nothing}', "'nothing' is unknown"],
    ['{a:__proto__}', "'__proto__' is unknown"],
    ['{a:constructor}', "'constructor' is unknown"],
    ['{a:toString(1)}', "'toString(1)' is unknown"],
    ['{a:length(x)}', "'length(x)' needs"],
    ['{a:regex([)}', 'is not a regular expression'],
    ['{a:int(3)}', 'takes no arguments'],
  ])('%s', (template, rule) => {
    expect(() => parseRouteTemplate(template)).toThrow(rule);
    expect(() => parseRouteTemplate(template)).toThrow(
      `The route template '${template}' is invalid`,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { newKeyValue } from '../../src/http/keys/key-value.ts';
import { redactKeys } from '../../src/telemetry/redact-keys.ts';

describe('what is logged shows no keys', () => {
  it('as the host makes them, wherever they stand', () => {
    const key = newKeyValue('function');
    expect(redactKeys(`key ${key}, ${encodeURIComponent(key)}`)).toBe('key [redacted], [redacted]');
  });

  it.each([
    ['GET http://h/api/f?code=s3cr-t_AzFu==&x=1', 'GET http://h/api/f?code=[redacted]&x=1'],
    ['http://h/i/a?taskHub=T&exp=17&sig=abc-_1', 'http://h/i/a?taskHub=T&exp=17&sig=[redacted]'],
    ['{"uri":"http://h?x=1&Code=abc"}', '{"uri":"http://h?x=1&Code=[redacted]"}'],
    [String.raw`{"uri":"http://h?x=1\u0026code=abc"}`, '&'],
    ['redirect=http%3A%2F%2Fh%3Fcode%3Dabc', 'redirect=http%3A%2F%2Fh%3Fcode%3D[redacted]'],
    ["{ 'x-functions-key': 'abc', a: 1 }", "{ 'x-functions-key': '[redacted]', a: 1 }"],
    ['{"X-Functions-Key":"abc"}', '{"X-Functions-Key":"[redacted]"}'],
    ['x-functions-key: abc', 'x-functions-key: [redacted]'],
  ])('%s', (text, expected) => {
    const redacted = redactKeys(text);
    expect(redacted).not.toMatch(/s3cr|abc/);
    if (expected !== '&') expect(redacted).toBe(expected);
  });

  it.each(['exit code=3', 'http://h/?postcode=12345&zipcode=9', 'the code is 42', 'sig=none'])(
    'and other text as it is: %s',
    (text) => {
      expect(redactKeys(text)).toBe(text);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { resolveBindingExpression } from '../../src/bindings/binding-expression.ts';
import type { TriggerMetadata } from '../../src/function-app/binding-extension.ts';
import { activityMetadata } from '../../src/function-app/activity-trigger.ts';
import { completeMetadata } from '../../src/function-app/trigger-metadata.ts';
import { httpTriggerMetadata } from '../../src/triggers/request-data.ts';
import { functionOf } from '../triggers/app-values.ts';

const NOW = new Date('2026-11-21T03:25:07.123Z');
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

function resolve(template: string, triggerMetadata: TriggerMetadata = {}): string {
  const fn = functionOf('Backup', 'activity', { name: 'item' });
  const binding = { name: 'out', type: 'blob', direction: 'out' } as const;
  return resolveBindingExpression(template, { fn, binding, triggerMetadata, now: NOW });
}

/** What an activity with this input offers. */
function activity(input: unknown): TriggerMetadata {
  const invocation = { functionName: 'Backup', instanceId: 'i-1', input: null, taskEventId: 1 };
  const own = activityMetadata({ ...invocation, input: JSON.stringify([input]) }, 'item', input);
  return completeMetadata({ functionName: 'Backup', own, value: input });
}

async function http(path: string, body?: unknown): Promise<TriggerMetadata> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    headers: { Prefix: 'pre' },
    body: text,
  });
  return Promise.resolve(httpTriggerMetadata(request, { id: 'seven' }, Buffer.from(text)));
}

describe('an expression of a binding', () => {
  it.each([
    ['backups/{backupPath}', 'backups/a/b.txt'],
    ['{BACKUPPATH}', 'a/b.txt'],
    ['{item.backupPath}', 'a/b.txt'],
    ['{data.backupPath}', 'a/b.txt'],
    ['{instanceId}', 'i-1'],
    ['{count}-{ratio}-{isBig}', '3-1.5-True'],
    ['{nested.deep.Name}', 'x'],
    ['{nested.none}!', '!'],
    ['{{{count}}}', '{3}'],
    ['plain', 'plain'],
    ['', ''],
  ])('%s takes from the input of an activity', (template, expected) => {
    const input = {
      backupPath: 'a/b.txt',
      count: 3,
      ratio: 1.5,
      isBig: true,
      nested: { deep: { name: 'x' }, none: null },
    };

    expect(resolve(template, activity(input))).toBe(expected);
  });

  it.each(['{item}', '{data}', '{Data}'])(
    '%s is the whole input when that is a text',
    (template) => {
      expect(resolve(template, activity('Tokyo'))).toBe('Tokyo');
    },
  );

  it('takes from route, query, headers and body of a request', async () => {
    const data = await http('/f?suffix=post&x=1', { kind: 'b', meta: { m2: 'two' } });

    const template = '{headers.prefix}-{id}-{query.suffix}-{kind}-{meta.m2}-{x}-{Query.x}';
    expect(resolve(template, data)).toBe('pre-seven-post-b-two-1-1');
  });

  it('takes members of a text that is JSON', () => {
    expect(resolve('{item.a.b}', { item: { string: '{"a":{"b":1}}' } })).toBe('1');
  });

  it.each([
    ['{datetime}', '2026-11-21T03-25-07Z'],
    ['{DateTime:yyyy-MM-dd}', '2026-11-21'],
    ['{datetime:HH:mm:ss.fff}', '03:25:07.123'],
    ['{sys.utcnow}', '2026-11-21T03-25-07Z'],
    ['{sys.UtcNow:yyyy}/{sys.methodname}', '2026/Backup'],
  ])('%s is known to every trigger', (template, expected) => {
    expect(resolve(template)).toBe(expected);
  });

  it.each([
    ['{rand-guid}', GUID],
    ['{sys.randguid}', GUID],
    ['{rand-guid:D}', GUID],
    ['{rand-guid:N}', /^[\da-f]{32}$/],
    ['{sys.randguid:B}', /^\{[\da-f-]{36}\}$/],
    ['{rand-guid:P}', /^\([\da-f-]{36}\)$/],
  ])('%s is a new GUID each time', (template, form) => {
    expect(resolve(template)).toMatch(form);
    expect(resolve(template)).not.toBe(resolve(template));
  });

  it('prefers what the trigger offers to what every trigger knows', () => {
    expect(resolve('{datetime}', activity({ datetime: 'mine' }))).toBe('mine');
  });

  it('names function, binding and property when there is no such value, and what there is', () => {
    expect(() => resolve('backups/{path}', activity({ name: 1 }))).toThrow(
      "The binding 'out' of function 'Backup': 'backups/{path}' cannot be resolved. No value for named parameter 'path'. The trigger offers 'instanceId', 'data', 'item', 'sys', 'name'.",
    );
  });

  it.each([
    ['{data.b}', "Error while accessing 'b': property doesn't exist."],
    ['{data.a.b}', "Error while accessing 'b': property doesn't exist."],
    ['{data}', 'The value is an object or a list'],
    ['{list}', "No value for named parameter 'list'"],
    ['{nothing}', "No value for named parameter 'nothing'"],
    ['{constructor}', "No value for named parameter 'constructor'"],
    ['{rand-guid:Q}', "'Q' is not a GUID format. Use N, D, B or P."],
    ['{data', "Invalid template '{data'. Missing closing bracket at position 1."],
    ['a}', "Invalid template 'a}'. Missing opening bracket at position 2."],
    ['a/{}', "Invalid template 'a/{}'. The parameter name at position 3 is empty."],
    ['{a-b}', "Invalid template expression 'a-b'"],
    ['{a..b}', "Invalid template expression 'a..b'"],
    ['{ a }', "Invalid template expression ' a '"],
  ])('%s fails with a reason', (template, message) => {
    expect(() => resolve(template, activity({ a: 'x', list: [1], nothing: null }))).toThrow(
      message,
    );
  });
});

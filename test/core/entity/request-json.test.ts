/** What travels to and between entities, and what they store of it: text that is written is read as it was. */
import fc from 'fast-check';
import { AZURE_STORAGE_LIMITS } from '../../../src/azure-storage/limits.ts';
import { describe, expect, it } from 'vitest';
import {
  checkEntityId,
  entityInstanceId,
  parseEntityId,
} from '../../../src/core/entity/entity-id.ts';
import { continueMessage, entityMessage } from '../../../src/core/entity/entity-message.ts';
import { decodeRelease, encodeRelease } from '../../../src/core/entity/release-message.ts';
import { stepIdOf } from '../../../src/core/entity/request-id.ts';
import {
  decodeRequest,
  encodeRequest,
  encodeResponse,
  type EntityRequest,
} from '../../../src/core/entity/request-message.ts';
import {
  inOrder,
  isNews,
  readSource,
  writeSource,
  type RequestSource,
} from '../../../src/core/entity/request-source.ts';
import { CorruptMessageError, InvalidInputError } from '../../../src/core/errors.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { at, START_MS } from '../../support/history.ts';

const CONTEXT = {
  instanceId: toInstanceId('@counter@k'),
  executionId: null,
  nowMs: START_MS,
  newId: () => 'new',
};
const REQUEST: EntityRequest = {
  operation: 'add',
  isSignal: false,
  input: '5',
  id: 'id-1',
  parentInstanceId: 'inst',
  parentExecutionId: 'exec',
  due: null,
};

describe('a request', () => {
  const text = fc.option(fc.string());
  const request = fc.record<EntityRequest>({
    operation: text,
    isSignal: fc.boolean(),
    input: text,
    id: fc.string(),
    parentInstanceId: text,
    parentExecutionId: text,
    due: text,
    timestamp: fc.constant(at(1)),
    predecessor: fc.constant(at(0)),
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(request, (sent) => {
        expect(decodeRequest(encodeRequest(sent))).toEqual(sent);
      }),
    );
  });

  it('for a lock is for one entity of its set', () => {
    const lockSet = [
      { name: 'a', key: '1' },
      { name: 'b', key: '2' },
    ];
    for (const position of [undefined, 1]) {
      const sent = { ...REQUEST, lockSet, ...(position === undefined ? {} : { position }) };
      expect(decodeRequest(encodeRequest(sent))).toMatchObject(sent);
    }
  });

  it('has its members in the order in which .NET looks for them', () => {
    const json = encodeRequest({ ...REQUEST, isSignal: true, due: at(1), timestamp: at(2) });
    expect(Object.keys(JSON.parse(json) as object)).toEqual([
      'op',
      'signal',
      'input',
      'id',
      'parent',
      'parentExecution',
      'due',
      'Timestamp',
      'Predecessor',
    ]);
  });

  it.each([
    null,
    '',
    'no JSON',
    '[]',
    '{}',
    '{"id":5}',
    '{"id":"a","lockset":5}',
    '{"id":"a","lockset":[{"name":"a"}]}',
    '{"id":"a","lockset":[{"name":"a","key":"k"}],"pos":1}',
    '{"id":"a","lockset":[{"name":"a","key":"k"}],"pos":"0"}',
  ])('is not %j', (input) => {
    expect(() => decodeRequest(input)).toThrow(CorruptMessageError);
  });

  it('has what the .NET extension does not know after what it looks for', () => {
    const json = encodeRequest({ ...REQUEST, stepId: 'step', timestamp: at(2) });
    expect(Object.keys(JSON.parse(json) as object).at(-1)).toBe('stepId');
    expect(decodeRequest(json).stepId).toBe('step');
  });

  it('is answered with its result, or with what says that it failed', () => {
    expect(encodeResponse({ result: '5', isError: false })).toBe('{"result":"5"}');
    expect(encodeResponse({ result: 'no', isError: true })).toBe(
      '{"result":"no","exceptionType":"Error"}',
    );
  });
});

describe('a release', () => {
  it('is read as it was written, and may lack the id of its lock', () => {
    const release = { owner: 'inst', id: 'lock-1' };
    expect(decodeRelease(encodeRelease(release))).toEqual(release);
    const ofStep = { ...release, stepId: 'step' };
    expect(decodeRelease(encodeRelease(ofStep))).toEqual(ofStep);
    expect(decodeRelease('{"parent":"inst"}')).toEqual({ owner: 'inst', id: '' });
  });

  it.each([null, '', 'no JSON', '[]', '{"id":"lock-1"}', '{"parent":5}'])('is not %j', (text) => {
    expect(decodeRelease(text)).toBeUndefined();
  });
});

describe('an entity id', () => {
  it('has a name without case and a key with it, which may have the sign of its own', () => {
    expect(parseEntityId('@Counter@My@Key')).toEqual({ name: 'counter', key: 'My@Key' });
    expect(entityInstanceId({ name: 'Counter', key: 'My@Key' })).toBe('@counter@My@Key');
    expect(parseEntityId('@a@')).toEqual({ name: 'a', key: '' });
  });

  it.each(['', 'counter', '@counter', 'a@b@c'])('is not %j', (text) => {
    expect(() => parseEntityId(text)).toThrow(InvalidInputError);
  });

  it.each([
    { name: '', key: 'k' },
    { name: 'a/b', key: 'k' },
    { name: 'a@b', key: 'k' },
    { name: 'a', key: 'k#1' },
    { name: 'a', key: 'k'.repeat(510) },
  ])('that a client chooses may not be %o', (entity) => {
    expect(() => {
      checkEntityId(entity, AZURE_STORAGE_LIMITS);
    }).toThrow(InvalidInputError);
  });
});

describe('a message of an entity', () => {
  it('is an event, from the execution that is stored', () => {
    const target = { instanceId: toInstanceId('inst'), executionId: 'exec' };
    const message = entityMessage(CONTEXT, target, { name: 'id-1', input: '{}' });
    expect(message).toMatchObject({
      event: { EventType: 'EventRaised', EventId: -1, Name: 'id-1', Input: '{}', Timestamp: at(0) },
      target,
      sender: { instanceId: '@counter@k', executionId: null },
    });
  });

  it('that wakes it again is no request', () => {
    const { event, target } = continueMessage(CONTEXT);
    expect(event).toMatchObject({ Name: 'continue', Input: null });
    expect(target).toEqual({ instanceId: '@counter@k', executionId: null });
  });
});

describe('what is known of a sender', () => {
  const source = (): RequestSource => ({
    last: 5_000_000_000n,
    executionId: 'exec',
    buffered: new Map([
      [7_000_000_000n, { ...REQUEST, id: 'later' }],
      [6_000_000_000n, REQUEST],
    ]),
    recent: [],
  });
  const stable = (index: number): EntityRequest => ({
    ...REQUEST,
    id: stepIdOf({ cause: 'e', index, target: 't', operation: 'o', input: null }),
  });

  it('is read as it was written, and kept requests are in the order of their stamps', () => {
    const known = source();
    isNews(known, stable(1));
    const again = readSource(JSON.parse(JSON.stringify(writeSource(known))) as never);
    expect(inOrder(again).map(([, { id }]) => id)).toEqual(['id-1', 'later']);
    expect(writeSource(again)).toEqual(writeSource(known));
    expect(isNews(again, stable(1))).toBe(false);
  });

  it('is nothing when nothing is', () => {
    expect(writeSource(readSource({}))).toEqual({});
  });

  it('tells a repeated request by its id, whatever the stamp, but only ids that repeat with the step', () => {
    const known = source();
    expect([isNews(known, stable(1)), isNews(known, stable(1)), isNews(known, stable(2))]).toEqual([
      true,
      false,
      true,
    ]);
    expect([isNews(known, REQUEST), isNews(known, REQUEST)]).toEqual([true, true]);
  });

  it('holds the last 256 of them', () => {
    const known = source();
    for (let index = 0; index < 257; index++) isNews(known, stable(index));
    expect(known.recent).toHaveLength(256);
    expect(isNews(known, stable(256))).toBe(false);
    expect(isNews(known, stable(0))).toBe(true);
  });
});

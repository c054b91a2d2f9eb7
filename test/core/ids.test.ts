/** Which ids may be chosen, and which storage could never hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.ts';
import { AZURE_STORAGE_LIMITS } from '../../src/azure-storage/limits.ts';
import { isEntityId, parseInstanceId } from '../../src/core/ids.ts';
import { defaultChildId } from '../../src/core/replay/sub-orchestration.ts';

const storedIdProblem = AZURE_STORAGE_LIMITS.idProblem;

describe('an instance id that a client chooses', () => {
  it.each(['order-1', 'Ångström', 'a b', 'x@y', ':', 'a'.repeat(100), '^'])('may be %j', (id) => {
    expect(parseInstanceId(id)).toBe(id);
  });

  it.each([
    ['@counter@k', 'must not start with @'],
    ['a/b', 'must not contain'],
    ['a\\b', 'must not contain'],
    ['a#b', 'must not contain'],
    ['a?b', 'must not contain'],
    ['a\nb', 'must not contain'],
    ['a\u007fb', 'must not contain'],
    ['a\u009fb', 'must not contain'],
    ['a'.repeat(101), 'must not exceed 100 characters'],
  ])('may not be %j', (id, problem) => {
    expect(() => parseInstanceId(id)).toThrow(InvalidInputError);
    expect(() => parseInstanceId(id)).toThrow(problem);
  });

  it('that is accepted can be stored, unless half a character is in it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 110, unit: 'grapheme' }), (id) => {
        try {
          parseInstanceId(id);
        } catch {
          return;
        }
        // The ids that mean a folder are refused where blobs are named.
        if (id === '.' || id === '..') return;
        expect(storedIdProblem(id)).toBeUndefined();
      }),
    );
  });
});

describe('an id that an orchestrator chooses', () => {
  it('fits into a key of 512 characters, in which some are stored as two', () => {
    expect(storedIdProblem('a'.repeat(512))).toBeUndefined();
    expect(storedIdProblem('a'.repeat(513))).toContain('512 characters');
    expect(storedIdProblem('/'.repeat(256))).toBeUndefined();
    expect(storedIdProblem('/'.repeat(257))).toContain('512 characters');
    expect(storedIdProblem('^'.repeat(257))).toContain('512 characters');
  });

  it.each(['.', '..', 'a\ud800', '\udc00b'])('may not be %j', (id) => {
    expect(storedIdProblem(id)).toBeDefined();
  });

  it.each(['...', '.a', '😀', defaultChildId('f'.repeat(32), 12)])('may be %j', (id) => {
    expect(storedIdProblem(id)).toBeUndefined();
  });
});

describe('an entity', () => {
  it('is told from an orchestration by the first character', () => {
    expect(isEntityId('@counter@k')).toBe(true);
    expect(isEntityId('counter@k')).toBe(false);
    expect(isEntityId('')).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { askAgain, type Patience } from '../../src/base/ask-again.ts';

/** A clock that the questions themselves put forward, so that nothing is waited for. */
function asking(answers: readonly (string | undefined)[], msPerQuestion = 0) {
  let nowMs = 1_000;
  let count = 0;
  const ask = () => {
    nowMs += msPerQuestion;
    return Promise.resolve(answers[count++]);
  };
  const patience: Patience = {
    now: () => nowMs,
    deadlineMs: 1_100,
    firstPauseMs: 1,
    longestPauseMs: 4,
  };
  return { ask, patience, asked: () => count };
}

describe('asking again', () => {
  it('ends with the first answer', async () => {
    const { ask, patience, asked } = asking([undefined, undefined, 'yes', 'no']);

    expect(await askAgain(ask, patience)).toBe('yes');
    expect(asked()).toBe(3);
  });

  it('asks once, and no more, when the time is up already', async () => {
    const { ask, patience, asked } = asking([undefined, 'late']);

    expect(await askAgain(ask, { ...patience, deadlineMs: 1_000 })).toBeUndefined();
    expect(asked()).toBe(1);
  });

  it('ends without an answer at the deadline', async () => {
    const { ask, patience, asked } = asking([], 30);

    expect(await askAgain(ask, patience)).toBeUndefined();
    expect(asked()).toBe(4);
  });

  it('ends without an answer when the signal aborts in a pause', async () => {
    const { ask, patience, asked } = asking([undefined, 'late']);
    const abort = new AbortController();

    const answer = askAgain(ask, { ...patience, firstPauseMs: 60_000, signal: abort.signal });
    abort.abort();

    expect(await answer).toBeUndefined();
    expect(asked()).toBe(1);
  });

  it('asks once all the same when the signal has aborted', async () => {
    const { ask, patience } = asking(['yes']);
    expect(await askAgain(ask, { ...patience, signal: AbortSignal.abort() })).toBe('yes');
  });

  it('fails as the question does', async () => {
    const { patience } = asking([]);
    const failing = () => Promise.reject(new Error('down'));
    await expect(askAgain(failing, patience)).rejects.toThrow('down');
  });
});

/** What a sorter stores besides senders, and that an entity stored by an earlier version is understood. */
import { describe, expect, it } from 'vitest';
import { formMark, withoutOldKeys } from '../../../src/core/entity/old-sorter-keys.ts';
import { ReleasedLocks } from '../../../src/core/entity/released-locks.ts';
import { newSource } from '../../../src/core/entity/request-source.ts';
import {
  readSenders,
  writeSenders,
  type Senders,
} from '../../../src/core/entity/stored-senders.ts';
import { parseTicks } from '../../../src/core/entity/tick-time.ts';
import { at } from '../../support/history.ts';

const ticks = (seconds: number) => parseTicks(at(seconds));
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('locks that ended', () => {
  it('are the last sixteen, and known to the next process', () => {
    const locks = new ReleasedLocks(undefined);
    for (let n = 0; n < 17; n++) locks.add(`lock-${n}`, ticks(n));
    const restored = new ReleasedLocks(throughJson(locks.toJson()));
    expect(['lock-0', 'lock-1', 'lock-16'].map((id) => restored.has(id))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('are forgotten once their requests come no more', () => {
    const locks = new ReleasedLocks({ early: at(1), late: at(2) });
    locks.forgetBefore(ticks(2));
    expect([locks.has('early'), locks.has('late')]).toEqual([false, true]);
  });
});

describe('senders', () => {
  const request = (execution: string, seconds: number) => ({
    operation: 'add',
    isSignal: false,
    input: null,
    id: `of-${execution}`,
    parentInstanceId: 'inst',
    parentExecutionId: execution,
    due: null,
    timestamp: at(seconds),
    predecessor: at(0),
  });
  const senders = (): Senders => {
    const [latest, before] = [newSource('two'), newSource('one')];
    latest.last = ticks(5);
    before.last = ticks(1);
    latest.buffered.set(ticks(7), request('two', 7));
    before.buffered.set(ticks(7), request('one', 7));
    return new Map([['inst', [latest, before]]]);
  };

  it('are stored as the .NET extension reads them: one execution each, with all that waits', () => {
    const { ReceivedFromInstance } = writeSenders(senders());
    expect(Object.keys(ReceivedFromInstance)).toEqual(['inst']);
    const stored = ReceivedFromInstance['inst'] as { readonly Buffered: object };
    expect(stored).toMatchObject({ ExecutionId: 'two' });
    expect(Object.values(stored.Buffered)).toMatchObject([{ id: 'of-two' }, { id: 'of-one' }]);
  });

  it('are read as they were: each execution has its own requests, under their own stamps', () => {
    const stored = throughJson(writeSenders(senders())) as Record<string, unknown>;
    const [latest, before] = readSenders(stored).get('inst') ?? [];
    expect([latest?.executionId, before?.executionId]).toEqual(['two', 'one']);
    expect([...(latest?.buffered ?? [])].map(([time, { id }]) => [time, id])).toEqual([
      [ticks(7), 'of-two'],
    ]);
    expect([...(before?.buffered ?? [])].map(([time, { id }]) => [time, id])).toEqual([
      [ticks(7), 'of-one'],
    ]);
    expect(before?.last).toBe(ticks(1));
  });
});

describe('a state of an earlier version', () => {
  it('has each of its entries in the member of today', () => {
    const old = {
      ReceivedFromInstance: {
        inst: { Last: at(5), ExecutionId: 'two' },
        'inst#one': { Last: at(1), ExecutionId: 'one' },
        '@acc@a#lock': { Last: at(2) },
        '#released#lock-1': { Last: at(3), ExecutionId: 'lock-1' },
        '#unstamped': { ExecutionId: 'id1 id2', Writer: 'w' },
        '#unstamped#0': { ExecutionId: 'id0', Last: at(4) },
      },
      LastSentToInstance: { '@acc@b': at(6), '@acc@b#lock': at(7) },
    };
    expect(withoutOldKeys(old)).toEqual({
      ReceivedFromInstance: { inst: { Last: at(5), ExecutionId: 'two' } },
      Earlier: { inst: [{ Last: at(1), ExecutionId: 'one' }] },
      Forwarded: { '@acc@a': { Last: at(2) } },
      Released: { 'lock-1': at(3) },
      Unstamped: { Ids: 'id1 id2', Writer: 'w', Inherited: [{ Found: at(4), Ids: 'id0' }] },
      LastSentToInstance: { '@acc@b': at(6) },
      LastForwardedTo: { '@acc@b': at(7) },
    });
  });

  it('is told from one of today whose senders have such ids, by a mark', () => {
    const today = { ReceivedFromInstance: { 'a#released': {} }, LastSentToInstance: {} };
    const marked = { ...today, ...formMark(today) };
    expect(withoutOldKeys(marked)).toBe(marked);
    expect(formMark({ ReceivedFromInstance: { a: {} }, LastSentToInstance: {} })).toEqual({});
  });
});

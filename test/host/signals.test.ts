import { afterEach, describe, expect, it } from 'vitest';
import { listenForStopSignals, type StopSignals } from '../../src/host/signals.ts';

let signals: StopSignals | undefined;
afterEach(() => signals?.dispose());

describe('the stop signals', () => {
  it('drain with the first and abort with the second, whichever they are', () => {
    signals = listenForStopSignals();

    process.emit('SIGTERM');

    expect(signals.drain.aborted).toBe(true);
    expect(signals.abort.aborted).toBe(false);

    process.emit('SIGINT');

    expect(signals.abort.aborted).toBe(true);
  });

  it('leave no listener behind', () => {
    const before = process.listenerCount('SIGTERM');

    listenForStopSignals().dispose();

    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

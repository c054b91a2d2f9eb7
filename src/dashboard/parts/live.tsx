/** What is shown keeps itself up to date while somebody looks, unless he has paused it. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isPushed, listen } from './hub-events.ts';
import { Icon } from './icon.tsx';

const isLive = signal(true);

/** Where the host does not say what changes. */
const PAUSE_MS = 2_000;
/** Where it does: between two looks at a hub that is busy … */
const BUSY_PAUSE_MS = 500;
/** … and at one where nothing happens: other workers may have done something. */
const IDLE_PAUSE_MS = 15_000;

export interface LiveOptions {
  /** The shortest pause, for what costs the host more. @default as often as lists */
  readonly everyMs?: number | undefined;
  /** Whether what is shown may be another when this instance has changed. @default whatever changes matters */
  readonly concerns?: (instanceId: string) => boolean;
}

/**
 * Calls `refresh` when the host says that something has changed, and after a pause in any case, never twice at a time, as long as the
 * page is seen.
 * @param of what it depends on.
 */
export function useLive(
  refresh: () => Promise<void>,
  of: readonly unknown[],
  { everyMs, concerns = () => true }: LiveOptions = {},
): void {
  const live = isLive.value;
  useEffect(() => {
    if (!live) return undefined;
    let timer: number | undefined;
    let state: 'waiting' | 'asking' | 'over' = 'waiting';
    let hasNews = false;
    let askedMs = performance.now();
    const plan = (): void => {
      if (state !== 'waiting') return;
      clearTimeout(timer);
      const pushedMs = hasNews ? (everyMs ?? BUSY_PAUSE_MS) : Math.max(IDLE_PAUSE_MS, everyMs ?? 0);
      const pauseMs = isPushed.peek() ? pushedMs : (everyMs ?? PAUSE_MS);
      timer = setTimeout(() => void ask(), Math.max(0, askedMs + pauseMs - performance.now()));
    };
    const ask = async (): Promise<void> => {
      // Nobody sees it: the next look is when somebody does, or the connection opens again.
      if (document.visibilityState === 'visible') {
        state = 'asking';
        hasNews = false;
        await refresh();
        if ((state as string) === 'over') return;
        state = 'waiting';
      }
      askedMs = performance.now();
      plan();
    };
    const leave = listen((instanceIds) => {
      if (instanceIds !== null && ![...instanceIds].some(concerns)) return;
      hasNews = true;
      plan();
    });
    const stopFollowing = isPushed.subscribe(plan);
    return () => {
      state = 'over';
      clearTimeout(timer);
      leave();
      stopFollowing();
    };
  }, [live, ...of]);
}

export function LiveButton() {
  const live = isLive.value;
  return (
    <button
      type="button"
      class={`live ${live ? 'is-live' : ''}`}
      aria-pressed={live}
      title={live ? 'Kept up to date. Click to pause.' : 'Paused. Click to go on.'}
      onClick={() => (isLive.value = !live)}
    >
      <Icon name={live ? 'pause' : 'play'} /> {live ? 'Live' : 'Paused'}
    </button>
  );
}

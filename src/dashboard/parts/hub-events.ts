/**
 * What the host says of its hub: which instances it works on. One connection for all that is shown, open while the page is seen and
 * somebody listens. Where there is none (a host that is older, does not stream, or has no room), all look for themselves.
 */
import { signal } from '@preact/signals';
import { ApiError, openEvents } from '../api.ts';

/** @param instanceIds null: any may have changed. */
export type Listener = (instanceIds: ReadonlySet<string> | null) => void;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A host that refuses is not asked again soon. */
const REFUSED_PAUSE_MS = 60_000;
/** The host gives a sign of life every 15 seconds: without any, the connection is dead. */
const SILENCE_MS = 40_000;
/** From one page to the next the connection stays. */
const GRACE_MS = 1_000;

/** Whether the host says what changes. */
export const isPushed = signal(false);

const listeners = new Set<Listener>();
let connection: AbortController | undefined;

document.addEventListener('visibilitychange', adjust);

/** @returns takes it off again. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  adjust();
  return () => {
    listeners.delete(listener);
    setTimeout(adjust, GRACE_MS);
  };
}

function adjust(): void {
  const isWanted = listeners.size > 0 && document.visibilityState === 'visible';
  if (isWanted === (connection !== undefined)) return;
  connection?.abort();
  connection = isWanted ? new AbortController() : undefined;
  if (connection === undefined) isPushed.value = false;
  else void follow(connection.signal);
}

async function follow(over: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  const goesOn = (): boolean => !over.aborted;
  while (goesOn()) {
    const outcome = await followOnce(over);
    if (!goesOn()) return;
    isPushed.value = false;
    if (outcome === 'ended') pauseMs = FIRST_PAUSE_MS;
    const nextMs = outcome === 'refused' ? REFUSED_PAUSE_MS : pauseMs;
    await new Promise((resolve) => setTimeout(resolve, nextMs));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

async function followOnce(over: AbortSignal): Promise<'ended' | 'refused' | 'failed'> {
  const silence = new AbortController();
  let timer: number | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silence.abort();
    }, SILENCE_MS);
  };
  alive();
  try {
    const reader = (await openEvents(AbortSignal.any([over, silence.signal]))).getReader();
    isPushed.value = true;
    // What has happened until now was not told.
    tell(null);
    const decoder = new TextDecoder();
    let rest = '';
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      alive();
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) tell(idsIn(line.slice(6)));
    }
    return 'ended';
  } catch (error) {
    return error instanceof ApiError && error.status !== 0 ? 'refused' : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

function idsIn(data: string): ReadonlySet<string> | null {
  const { instanceIds } = JSON.parse(data) as { readonly instanceIds: readonly string[] | null };
  return instanceIds && new Set(instanceIds);
}

function tell(instanceIds: ReadonlySet<string> | null): void {
  for (const listener of [...listeners]) listener(instanceIds);
}

/** An answer of the API that is asked for again and again while somebody looks. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { ApiError, callApi, type ApiRequest } from '../api.ts';
import { useLive } from './live.tsx';
import { oneAtATime } from './one-at-a-time.ts';

export interface Polled<Answer> {
  /** The latest; undefined until there is one. */
  readonly answer: ReadonlySignal<Answer | undefined>;
  readonly error: ReadonlySignal<string | undefined>;
  readonly refresh: () => Promise<void>;
}

/**
 * @param path as for `callApi`.
 * @param query asked anew each time, so that it may tell the time; what it depends on besides is `of`.
 * @param how.everyMs for answers that cost the host more. @default as often as lists
 */
export function usePolled<Answer>(
  path: readonly string[],
  query: () => ApiRequest['query'],
  of: readonly unknown[],
  how: { readonly everyMs?: number } = {},
): Polled<Answer> {
  const polled = useMemo(() => poll<Answer>(path, query), of);
  useEffect(() => {
    void polled.refresh();
    return () => {
      polled.close();
    };
  }, [polled]);
  useLive(() => polled.refresh(), [polled], how);
  return polled;
}

const NOT_IMPLEMENTED = 501;

function poll<Answer>(path: readonly string[], query: () => ApiRequest['query']) {
  const answer = signal<Answer | undefined>(undefined);
  const error = signal<string | undefined>(undefined);
  const closing = new AbortController();
  /** The host said that it never will: a browser writes each refusal into its console. */
  let isNotThere = false;
  return {
    answer,
    error,
    close: () => {
      closing.abort();
    },
    refresh: oneAtATime(async () => {
      if (isNotThere) return;
      try {
        const { body } = await callApi(path, { query: query() ?? {}, signal: closing.signal });
        answer.value = body as unknown as Answer;
        error.value = undefined;
      } catch (failure) {
        if (closing.signal.aborted) return;
        if (!(failure instanceof ApiError)) throw failure;
        error.value = failure.message;
        isNotThere = failure.status === NOT_IMPLEMENTED;
      }
    }),
  };
}

/** Says that the host was asked, unless it answers at once. Nothing where it has answered, or has said why it does not. */
import type { ReadonlySignal } from '@preact/signals';

export function Loading(props: {
  /** What is asked for. @default it is asked for */
  readonly of?: { readonly answer: ReadonlySignal; readonly error: ReadonlySignal };
}) {
  const { of } = props;
  if (of !== undefined && isSettled(of)) return null;
  return (
    <p class="loading muted" role="status">
      loading …
    </p>
  );
}

/** Whether there has been an answer, or a reason why there is none. */
export function isSettled(asked: {
  readonly answer: ReadonlySignal;
  readonly error: ReadonlySignal;
}): boolean {
  return asked.answer.value !== undefined || asked.error.value !== undefined;
}

/** A field of the filter: what is typed counts when the typing pauses. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const TYPING_PAUSE_MS = 300;

export function Typed(props: {
  readonly id: string;
  readonly label: string;
  /** What is seen as long as nothing is typed. */
  readonly hint: string;
  readonly value: string;
  readonly choices?: readonly string[];
  /** Whether what is typed cannot be understood. @default false */
  readonly isBad?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const { id, label, hint, value, choices = [], isBad = false, onChange } = props;
  const timer = useRef<number | undefined>(undefined);
  const typed = useSignal(value);
  // The address has changed.
  useEffect(() => {
    typed.value = value;
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return (
    <>
      <input
        id={id}
        type="search"
        list={choices.length > 0 ? `${id}-choices` : undefined}
        placeholder={hint}
        title={label}
        aria-label={label}
        aria-invalid={isBad}
        autocomplete="off"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => {
          const text = event.currentTarget.value;
          typed.value = text;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            onChange(text.trim());
          }, TYPING_PAUSE_MS);
        }}
      />
      {choices.length > 0 && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </>
  );
}

import { useSignal } from '@preact/signals';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_500;

/** @param props.what is copied, for those who cannot see it. @param props.label @default only an icon */
export function CopyButton(props: {
  readonly what: string;
  readonly text: string;
  readonly label?: string;
}) {
  const { what, text, label } = props;
  const isDone = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    isDone.value = true;
    setTimeout(() => (isDone.value = false), SHOWN_MS);
  };
  return (
    <button
      type="button"
      class={label === undefined ? 'quiet' : ''}
      title={`Copy ${what}`}
      aria-label={`Copy ${what}`}
      onClick={() => void copy()}
    >
      <Icon name={isDone.value ? 'check' : 'copy'} />
      {label}
    </button>
  );
}

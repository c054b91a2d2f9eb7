/** A dialog that asks for something and has it done: once, however often it is sent, and what went wrong is said in it. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

export interface FormDialogProps {
  readonly title: string;
  /** On the button that sends it. */
  readonly submit: string;
  /** @default false */
  readonly isDangerous?: boolean;
  /** Whether it may be sent. @default true */
  readonly isReady?: boolean;
  readonly children: ComponentChildren;
  /** When it rejects, the message is shown, and the dialog stays. */
  readonly onSubmit: () => Promise<void>;
  readonly onClose: (hasActed: boolean) => void;
}

export function FormDialog(props: FormDialogProps) {
  const { title, submit, isDangerous = false, isReady = true, children, onSubmit, onClose } = props;
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const send = async (): Promise<void> => {
    if (isBusy.value || !isReady) return;
    isBusy.value = true;
    try {
      await onSubmit();
      onClose(true);
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    } finally {
      isBusy.value = false;
    }
  };
  const cancel = (): void => {
    onClose(false);
  };
  return (
    <Dialog title={title} wide onClose={cancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {children}
        <Problem text={problem.value} />
        <div class="dialog-buttons">
          <button type="button" onClick={cancel}>
            Cancel
          </button>
          <button type="submit" disabled={!isReady} class={isDangerous ? 'danger' : 'primary'}>
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

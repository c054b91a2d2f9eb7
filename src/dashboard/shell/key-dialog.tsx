/** Asks for the key of the management API, and tries it. */
import { useSignal } from '@preact/signals';
import { forgetKey, rememberKey } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Problem } from '../parts/problem.tsx';
import { openSession, session } from './session.ts';

export function KeyDialog() {
  const key = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  const enter = async (): Promise<void> => {
    rememberKey(key.value.trim());
    const before = session.value;
    await openSession();
    if (session.value !== before) return;
    forgetKey();
    problem.value = 'This key does not open the management API.';
  };
  return (
    <Dialog title="This host asks for a key">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <p>
          The system key <code>durabletask_extension</code>, or the master key. It is kept until
          this tab is closed.
        </p>
        <label class="field">
          Key
          <input
            type="password"
            autocomplete="off"
            autofocus
            required
            value={key.value}
            onInput={(event) => (key.value = event.currentTarget.value)}
          />
        </label>
        <Problem text={problem.value} />
        <div class="dialog-buttons">
          <button type="submit" class="primary">
            Open
          </button>
        </div>
      </form>
    </Dialog>
  );
}

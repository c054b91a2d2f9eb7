/** Raises an external event: its name, and what it brings. */
import { useSignal } from '@preact/signals';
import { callApi } from '../api.ts';
import { Commands, eventCommands } from '../instances/commands.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';

export function EventDialog(props: {
  readonly instanceId: string;
  readonly onClose: (hasActed: boolean) => void;
}) {
  const { instanceId, onClose } = props;
  const name = useSignal('');
  const data = useSignal('');
  const dataText = (): string => (data.value.trim() === '' ? 'null' : data.value);
  const raise = async (): Promise<void> => {
    const body = dataText();
    JSON.parse(body);
    await callApi(['instances', instanceId, 'raiseEvent', name.value], { method: 'POST', body });
  };
  return (
    <FormDialog title="Raise an event" submit="Raise" onSubmit={raise} onClose={onClose}>
      <label class="field">
        Name
        <input
          autofocus
          required
          autocomplete="off"
          value={name.value}
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Data, as JSON
        <textarea
          placeholder="null"
          spellcheck={false}
          value={data.value}
          onInput={(event) => (data.value = event.currentTarget.value)}
        />
      </label>
      {name.value !== '' && <Commands {...eventCommands(instanceId, name.value, dataText())} />}
    </FormDialog>
  );
}

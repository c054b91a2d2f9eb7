/** Starts an instance anew: under which id, and with which input. */
import { useSignal } from '@preact/signals';
import { callApi, type InstanceStatus } from '../api.ts';
import { jsonText } from '../exact-json.ts';
import { FormDialog } from '../parts/form-dialog.tsx';
import { goTo, routeHref } from '../route.ts';

type IdChoice = 'new' | 'chosen' | 'same';

export function RestartDialog(props: {
  readonly status: InstanceStatus;
  readonly onClose: (hasActed: boolean) => void;
}) {
  const { status, onClose } = props;
  const known = jsonText(status.input);
  const choice = useSignal<IdChoice>('new');
  const chosenId = useSignal('');
  const input = useSignal(known);
  const restart = async (): Promise<void> => {
    const id = choice.value === 'same' ? status.instanceId : chosenId.value.trim();
    const asked = choice.value === 'new' ? undefined : id;
    const newId = await startAgain(status, asked, input.value === known ? undefined : input.value);
    goTo(routeHref(['instances', newId]));
  };
  return (
    <FormDialog
      title="Restart"
      submit="Restart"
      isDangerous={choice.value === 'same'}
      onSubmit={restart}
      onClose={onClose}
    >
      <fieldset class="choices">
        <legend>It starts anew</legend>
        {CHOICES.map(({ value, label }) => (
          <label key={value}>
            <input
              type="radio"
              name="id"
              checked={choice.value === value}
              onChange={() => (choice.value = value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {choice.value === 'chosen' && (
        <label class="field">
          Id
          <input
            autofocus
            required
            autocomplete="off"
            spellcheck={false}
            value={chosenId.value}
            onInput={(event) => (chosenId.value = event.currentTarget.value)}
          />
        </label>
      )}
      {choice.value === 'same' && (
        <p class="note">What is known of the instance as it is now will be gone.</p>
      )}
      <label class="field">
        Input, as JSON{input.value !== known && ' (changed)'}
        <textarea
          spellcheck={false}
          rows={8}
          value={input.value}
          onInput={(event) => (input.value = event.currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}

const CHOICES = [
  { value: 'new', label: 'under a new id; this instance stays as it is' },
  { value: 'chosen', label: 'under an id of your choice' },
  { value: 'same', label: 'under the same id, once it has ended' },
] as const;

/**
 * @param asked the id; undefined lets the host choose.
 * @param input JSON text; undefined for the one that is stored, byte by byte.
 * @returns the id. @throws {ApiError} @throws {SyntaxError} the input is no JSON.
 */
async function startAgain(
  { instanceId, name, version }: InstanceStatus,
  asked: string | undefined,
  input: string | undefined,
): Promise<string> {
  if (input !== undefined) {
    const body = input.trim();
    if (body !== '') JSON.parse(body);
    const path = ['orchestrators', name, ...(asked === undefined ? [] : [asked])];
    return idIn(await callApi(path, { method: 'POST', query: { version }, body }));
  }
  const path = ['instances', instanceId];
  if (asked === undefined) {
    return idIn(await callApi([...path, 'restart'], { method: 'POST' }));
  }
  if (asked === instanceId) {
    const query = { restartWithNewInstanceId: false };
    return idIn(await callApi([...path, 'restart'], { method: 'POST', query }));
  }
  const query = { newInstanceId: asked };
  return idIn(await callApi([...path, 'restartWithOptions'], { method: 'POST', query }));
}

function idIn({ body }: { readonly body: unknown }): string {
  return (body as { readonly id: string }).id;
}

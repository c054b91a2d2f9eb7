/** The same as a command, for a terminal or a script. */
import { apiUrl, hasKey } from '../api.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import type { ActionName } from './instance-action.ts';

export interface CommandLines {
  readonly curl: string;
  /** Absent where `func durable` has no such command. */
  readonly func?: string;
}

export function Commands({ curl, func }: CommandLines) {
  return (
    <details class="commands">
      <summary>As a command</summary>
      {[func, curl]
        .filter((line) => line !== undefined)
        .map((line) => (
          <div key={line} class="command">
            <code>{line}</code>
            <CopyButton what="the command" text={line} />
          </div>
        ))}
    </details>
  );
}

export function actionCommands(name: ActionName, instanceId: string, reason: string): CommandLines {
  const id = `--id ${quoted(instanceId)}`;
  if (name === 'purge') {
    return {
      func: `func durable purge-history ${id}`,
      curl: curlLine('DELETE', apiUrl(['instances', instanceId])),
    };
  }
  const why = name === 'restart' || reason === '' ? '' : ` --reason ${quoted(reason)}`;
  return {
    func: `func durable ${name} ${id}${why}`,
    curl: curlLine('POST', apiUrl(['instances', instanceId, name], { reason })),
  };
}

/** @param data JSON text. */
export function eventCommands(instanceId: string, name: string, data: string): CommandLines {
  const options = `--id ${quoted(instanceId)} --event-name ${quoted(name)}`;
  const url = apiUrl(['instances', instanceId, 'raiseEvent', name]);
  const json = `-H 'content-type: application/json' -d ${quoted(data)}`;
  return {
    func: `func durable raise-event ${options} --event-data ${quoted(data)}`,
    curl: `${curlLine('POST', url)} ${json}`,
  };
}

/** @param path of the entity, below the API. @param input JSON text; empty for none. */
export function signalCommands(path: readonly string[], op: string, input: string): CommandLines {
  const url = apiUrl(path, { op });
  const json = input === '' ? '' : ` -H 'content-type: application/json' -d ${quoted(input)}`;
  return { curl: `${curlLine('POST', url)}${json}` };
}

/** The key itself is not shown. */
function curlLine(method: string, url: URL): string {
  const key = hasKey() ? ' -H "x-functions-key: $KEY"' : '';
  return `curl -X ${method}${key} ${quoted(url.href)}`;
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

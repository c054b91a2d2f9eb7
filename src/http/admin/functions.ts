/**
 * The functions of the app, and running one by hand: GET /admin/functions[/{name}[/status]] and POST /admin/functions/{name}.
 * Mirrors FunctionsController of the Functions host.
 */
import { ownMember } from '../../base/own-member.ts';
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { parseRecord } from '../../base/json.ts';
import { emptyResponse, jsonResponse, messageResponse } from '../responses.ts';

export interface AdminFunction {
  readonly name: string;
  /** `httpTrigger`, `orchestrationTrigger`, … */
  readonly triggerType: string;
  readonly isDisabled: boolean;
  /** As function.json has it: `bindings`, `scriptFile`, … */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where an HTTP function is called. */
  readonly invokeUrlTemplate?: string | undefined;
  /** Why it could not be loaded or started. */
  readonly errors?: readonly string[] | undefined;
}

/** What the host lets administrators see and do. */
export interface AdminFunctions {
  list(): readonly AdminFunction[];
  /**
   * Begins to run a function in the background; failures are logged like those of any other run.
   * @returns false when there is no such function.
   */
  run(name: string, input: string): boolean;
}

const NOT_INVOCABLE: Readonly<Record<string, string>> = {
  orchestrationtrigger:
    'Durable orchestrator functions do not support direct invocation. Start an orchestration from a client function by using a Durable client.',
  entitytrigger:
    'Durable entity functions do not support direct invocation. Signal an entity from a client or orchestrator function by using a Durable client.',
};

export function listFunctions(functions: AdminFunctions, origin: string): Response {
  const all = functions.list().map((fn) => functionView(fn, origin));
  return jsonResponse(200, JSON.stringify(all));
}

export function getFunction(functions: AdminFunctions, name: string, origin: string): Response {
  const found = findFunction(functions, name);
  return found
    ? jsonResponse(200, JSON.stringify(functionView(found, origin)))
    : emptyResponse(404);
}

export function functionStatus(functions: AdminFunctions, name: string): Response {
  const found = findFunction(functions, name);
  if (!found) return emptyResponse(404);
  const errors = found.errors && found.errors.length > 0 ? found.errors : null;
  return jsonResponse(200, JSON.stringify({ errors }));
}

export function runFunction(
  functions: AdminFunctions,
  name: string,
  body: string,
  log: Logger,
): Response {
  const found = findFunction(functions, name);
  if (!found) return emptyResponse(404);
  const input = readInput(body);
  if (input === undefined) {
    return messageResponse(
      400,
      'The body must be a JSON object whose "input", if any, is a string: {"input":"text"}.',
    );
  }
  const refusal = ownMember(NOT_INVOCABLE, found.triggerType.toLowerCase());
  if (refusal !== undefined) {
    text(log, 'error', `Function.${found.name}`, `${found.name}: ${refusal}`);
    return emptyResponse(202);
  }
  return emptyResponse(functions.run(found.name, input) ? 202 : 404);
}

function findFunction(functions: AdminFunctions, name: string): AdminFunction | undefined {
  return functions.list().find((fn) => fn.name.toLowerCase() === name.toLowerCase());
}

/** The host serves no files, hence no links to them. */
function functionView(fn: AdminFunction, origin: string): object {
  return {
    name: fn.name,
    script_root_path_href: null,
    script_href: null,
    config_href: null,
    test_data_href: null,
    href: `${origin}/admin/functions/${encodeURIComponent(fn.name)}`,
    invoke_url_template: fn.invokeUrlTemplate ?? null,
    language: 'node',
    config: fn.config,
    files: null,
    test_data: null,
    isDisabled: fn.isDisabled,
    isDirect: true,
    isProxy: false,
  };
}

/** @returns undefined when the body is not what it must be. */
function readInput(body: string): string | undefined {
  const value = parseRecord(body);
  if (value === undefined) return undefined;
  const input = Object.entries(value).find(([name]) => name.toLowerCase() === 'input')?.[1];
  if (input === undefined || input === null) return '';
  return typeof input === 'string' ? input : undefined;
}

/**
 * Checks a declared function, whichever model it comes from, and makes a `LoadedFunction` of it. One that this host cannot
 * run is refused with a reason; the others are not affected. Mirrors the checks of Utility.ValidateBinding and
 * FunctionDescriptorProvider in the Functions host.
 */
import { ownMember } from '../../base/own-member.ts';
import type { BindingExtension } from '../binding-extension.ts';
import type { BindingInfo, FunctionKind, LoadedFunction } from '../function-declaration.ts';
import { describeThrown } from '../failure-text.ts';
import { parseRetryOptions } from './retry-options.ts';

export interface FunctionDeclaration {
  readonly name: string;
  readonly functionId: string;
  readonly bindings: readonly unknown[];
  readonly model: 'v3' | 'v4';
  readonly directory: string;
  readonly scriptFile: string;
  readonly isDisabled: boolean;
  readonly retry: unknown;
}

export interface RegistryRules {
  readonly bindingExtensions: readonly BindingExtension[];
  /** Replaces `%NAME%` in a text. @throws {Error} when there is no such setting. */
  resolveSetting(text: string): string;
}

const KINDS: Readonly<Record<string, FunctionKind>> = {
  orchestrationtrigger: 'orchestrator',
  activitytrigger: 'activity',
  entitytrigger: 'entity',
  httptrigger: 'http',
  timertrigger: 'timer',
  queuetrigger: 'queue',
  blobtrigger: 'blob',
  manualtrigger: 'manual',
};

/** @throws {Error} whose message says why this function does not run. */
export function toLoadedFunction(
  declaration: FunctionDeclaration,
  rules: RegistryRules,
): LoadedFunction {
  checkName(declaration.name);
  const bindings = declaration.bindings.map((raw) => toBinding(raw, rules));
  checkNames(bindings);
  checkProtocol(bindings);
  const trigger = bindings.find(({ type, direction }) => isTrigger(type) && direction === 'in');
  if (trigger === undefined) {
    throw new Error('No trigger binding specified. A function must have a trigger input binding.');
  }
  const kind = ownMember(KINDS, trigger.type.toLowerCase()) ?? 'other';
  for (const binding of bindings) {
    if (binding === trigger) continue;
    checkBinding(binding, rules);
    if (binding.name === '$return') checkReturn(kind);
  }
  const retryOptions = parseRetryOptions(declaration.retry);
  return {
    name: declaration.name,
    functionId: declaration.functionId,
    trigger,
    bindings,
    kind,
    model: declaration.model,
    isDisabled: declaration.isDisabled,
    directory: declaration.directory,
    scriptFile: declaration.scriptFile,
    ...(retryOptions === undefined ? {} : { retryOptions }),
  };
}

/** `AzureWebJobs.<name>.Disabled`, or with underscores where dots are not allowed, is `true` or `1`. */
export function isDisabledBySetting(
  functionName: string,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const names = [
    `AzureWebJobs.${functionName}.Disabled`,
    `AzureWebJobs_${functionName}_Disabled`,
    `AzureWebJobs__${functionName}__Disabled`,
  ].map((name) => name.toLowerCase());
  return Object.entries(environment).some(
    ([name, value]) => names.includes(name.toLowerCase()) && isTrue(value),
  );
}

/**
 * A binding as the app declared it, for one that is used without its function.
 * @throws {Error} when it is none, or needs what is not here.
 */
export function readBinding(
  declared: unknown,
  resolveSetting: RegistryRules['resolveSetting'],
): BindingInfo {
  const binding = toBinding(declared, { bindingExtensions: [], resolveSetting });
  checkProtocol([binding]);
  return binding;
}

export function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:true|1)$/i.test(value.trim());
}

/** The extension that serves the type; undefined for http outputs, which the HTTP trigger takes. */
export function extensionFor(
  binding: BindingInfo,
  extensions: readonly BindingExtension[],
): BindingExtension | undefined {
  const type = binding.type.toLowerCase();
  return extensions.find(({ types }) => types.includes(type));
}

export function isHttpOutput({ type, direction }: BindingInfo): boolean {
  return type.toLowerCase() === 'http' && direction !== 'in';
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name) || name.toLowerCase() === 'host') {
    throw new Error(`'${name}' is not a valid function name.`);
  }
}

function toBinding(raw: unknown, rules: RegistryRules): BindingInfo {
  const declared = (typeof raw === 'object' && raw !== null ? raw : {}) as Readonly<
    Record<string, unknown>
  >;
  const { name, type } = declared as { name?: unknown; type?: unknown };
  const direction = declared['direction'] ?? 'in';
  if (typeof name !== 'string' || name === '') {
    throw new Error("A binding has no name. Give each binding a 'name'.");
  }
  if (typeof type !== 'string' || type === '') {
    throw new Error(`The binding '${name}' has no type. Give each binding a 'type'.`);
  }
  const lowerDirection = typeof direction === 'string' ? direction.toLowerCase() : '';
  if (lowerDirection !== 'in' && lowerDirection !== 'out' && lowerDirection !== 'inout') {
    throw new Error(`'${describeThrown(direction).message}' is not a valid binding direction.`);
  }
  const resolved = Object.fromEntries(
    Object.entries(declared).map(([key, value]) => [
      key,
      typeof value === 'string' && key !== 'name' && key !== 'type'
        ? rules.resolveSetting(value)
        : value,
    ]),
  );
  return { ...resolved, name, type, direction: lowerDirection };
}

function checkNames(bindings: readonly BindingInfo[]): void {
  const seen = new Set<string>();
  for (const { name, direction } of bindings) {
    const isReturn = name === '$return';
    if (isReturn ? direction !== 'out' : !/^[a-zA-Z][a-zA-Z0-9]{0,127}$/.test(name)) {
      throw new Error(
        isReturn
          ? "The binding '$return' must have the direction 'out'."
          : `The binding name ${name} is invalid. Please assign a valid name to the binding.`,
      );
    }
    if (seen.has(name.toLowerCase())) {
      throw new Error(
        `Multiple bindings with name '${name}' discovered. Binding names must be unique.`,
      );
    }
    seen.add(name.toLowerCase());
  }
}

/** The next major version of the SDK says so of each of its bindings; its functions would be called and never understand. */
function checkProtocol(bindings: readonly BindingInfo[]): void {
  if (!bindings.some((binding) => binding['durableRequiresGrpc'] === true)) return;
  throw new Error(
    'It is written with durable-functions 4, a preview that speaks another protocol (gRPC) than this host. Use 3.x: npm install durable-functions@3.',
  );
}

function checkBinding(binding: BindingInfo, { bindingExtensions }: RegistryRules): void {
  if (isHttpOutput(binding)) return;
  const extension = extensionFor(binding, bindingExtensions);
  if (extension === undefined) {
    const types = bindingExtensions.flatMap((known) => known.types).join(', ');
    throw new Error(
      `The binding '${binding.name}' has the type '${binding.type}', which this host does not have (it has ${types === '' ? 'http' : `http, ${types}`}). Remove the binding and call the service with its own SDK, or run this function on the Azure Functions host.`,
    );
  }
  const problem = extension.supports(binding) ?? missingDirection(binding, extension);
  if (problem !== undefined) throw new Error(`The binding '${binding.name}': ${problem}`);
}

/** What the SDKs return from orchestrators and entities is their word to the engine. */
function checkReturn(kind: FunctionKind): void {
  if (kind !== 'orchestrator' && kind !== 'entity') return;
  throw new Error(
    `The binding '$return': what an ${kind} returns is its result, and goes to no binding. Give the binding a name, and set its value on the context.`,
  );
}

function missingDirection(binding: BindingInfo, extension: BindingExtension): string | undefined {
  const lacksRead = binding.direction !== 'out' && extension.read === undefined;
  const lacksWrite = binding.direction !== 'in' && extension.write === undefined;
  if (!lacksRead && !lacksWrite) return undefined;
  return `the type '${binding.type}' can be used for ${lacksRead ? 'output' : 'input'} only, not with the direction '${binding.direction}'.`;
}

function isTrigger(type: string): boolean {
  return /trigger$/i.test(type);
}

/**
 * What Node itself is told for the process that runs the app: `languageWorkers__node__arguments`, from the environment (as VS Code
 * says it for F5) or from local.settings.json, and NODE_OPTIONS of local.settings.json, which come too late for a process that runs.
 */
import type { Config } from '../../config/config.ts';
import type { HostProgram } from '../../host/reload/host-process.ts';

const NAME = 'languageworkers:node:arguments';

export type NodeArguments = Omit<HostProgram, 'file'>;

export const NO_NODE_ARGUMENTS: NodeArguments = { nodeArguments: [], debugArguments: [] };

export function nodeArgumentsOf({ environment }: Pick<Config, 'environment'>): NodeArguments {
  const words = wordsOf(settingOf(environment) ?? '');
  const isOfDebugger = (word: string): boolean => word.startsWith('--inspect');
  const options = environment['NODE_OPTIONS'];
  return {
    nodeArguments: words.filter((word) => !isOfDebugger(word)),
    debugArguments: words.filter(isOfDebugger),
    ...(options !== undefined && { nodeOptions: options }),
  };
}

/** Whether there is nothing that a process that runs already has not been told. */
export function isEmpty({ nodeArguments, debugArguments, nodeOptions }: NodeArguments): boolean {
  const isTold = nodeOptions === undefined || nodeOptions === process.env['NODE_OPTIONS'];
  return nodeArguments.length === 0 && debugArguments.length === 0 && isTold;
}

/** Names of settings have no case, and `:` is the same as `__`. */
function settingOf(environment: Config['environment']): string | undefined {
  const isIt = (name: string): boolean => name.toLowerCase().replaceAll('__', ':') === NAME;
  return Object.entries(environment).find(([name]) => isIt(name))?.[1];
}

/** Between blanks; what is in double quotes stays one word. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
}

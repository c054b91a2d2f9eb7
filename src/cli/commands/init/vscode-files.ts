/**
 * What makes F5 of VS Code run and debug the app. Tasks of the shell and a problem matcher of their own, so that no extension is
 * needed; those of the Azure Functions extension for whoever deploys with it.
 */
import type { Language, Model } from '../../templates/template.ts';

const START = 'func start';
const DEBUG_PORT = 9229;
const PRUNE = 'npm prune (functions)';

/** Path in the app → content. */
export function vscodeFiles(app: {
  readonly language: Language;
  readonly model: Model;
}): Readonly<Record<string, object>> {
  return {
    '.vscode/extensions.json': { recommendations: ['ms-azuretools.vscode-azurefunctions'] },
    '.vscode/launch.json': launchJson(app.language),
    '.vscode/settings.json': settingsJson(app),
    '.vscode/tasks.json': tasksJson(app.language),
  };
}

function launchJson(language: Language): object {
  return {
    version: '0.2.0',
    configurations: [
      {
        name: 'Attach to Node Functions',
        type: 'node',
        request: 'attach',
        port: DEBUG_PORT,
        // Attaches again when the app restarts because its files have changed.
        restart: true,
        preLaunchTask: START,
        skipFiles: ['<node_internals>/**', '${workspaceFolder}/node_modules/**'],
        ...(language === 'typescript' && { outFiles: ['${workspaceFolder}/dist/**/*.js'] }),
      },
    ],
  };
}

function settingsJson({ language, model }: { language: Language; model: Model }): object {
  return {
    'azureFunctions.deploySubpath': '.',
    'azureFunctions.projectLanguage': language === 'typescript' ? 'TypeScript' : 'JavaScript',
    ...(model === 'v4' && { 'azureFunctions.projectLanguageModel': 4 }),
    'azureFunctions.projectRuntime': '~4',
    'azureFunctions.preDeployTask': PRUNE,
    'debug.internalConsoleOptions': 'neverOpen',
  };
}

function tasksJson(language: Language): object {
  const prune = { type: 'shell', label: PRUNE, command: 'npm prune --omit=dev' };
  if (language === 'javascript') {
    return { version: '2.0.0', tasks: [startTask({}), { ...prune, problemMatcher: [] }] };
  }
  return {
    version: '2.0.0',
    tasks: [
      startTask({ dependsOn: 'npm watch (functions)' }),
      {
        type: 'npm',
        label: 'npm watch (functions)',
        script: 'watch',
        problemMatcher: '$tsc-watch',
        isBackground: true,
      },
      { type: 'npm', label: 'npm build (functions)', script: 'build', problemMatcher: '$tsc' },
      { ...prune, dependsOn: 'npm build (functions)', problemMatcher: [] },
    ],
  };
}

function startTask(more: object): object {
  return {
    type: 'shell',
    label: START,
    command: 'npx func host start',
    options: { env: { languageWorkers__node__arguments: `--inspect=${DEBUG_PORT}` } },
    isBackground: true,
    problemMatcher: {
      // A matcher needs a pattern: this one finds nothing.
      pattern: { regexp: '^(?!)(.)(.)(.)$', file: 1, line: 2, message: 3 },
      background: {
        activeOnStart: true,
        beginsPattern: '^.* The app (re)?starts( again)?\\.',
        endsPattern: '^.*Worker process started and initialized',
      },
    },
    ...more,
  };
}

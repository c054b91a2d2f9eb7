/** The files of a new app, as text. They are those of Core Tools, with `func` as a tool of the app. */
import { DURABLE_SDK, type Language, type Model } from '../../templates/template.ts';
import { dockerFiles } from './docker-files.ts';
import { vscodeFiles } from './vscode-files.ts';

export const BUNDLE_CHANNELS = ['GA', 'Preview', 'Experimental'] as const;
export type BundleChannel = (typeof BUNDLE_CHANNELS)[number];

export interface NewApp {
  /** Name of its folder. */
  readonly appName: string;
  readonly language: Language;
  readonly model: Model;
  /** undefined: no extension bundle. */
  readonly bundleChannel: BundleChannel | undefined;
  /** Where npm finds this package; undefined: nowhere. */
  readonly ownPackage: string | undefined;
  /** Whether it is to run in a container, which then has this package, too. */
  readonly docker: boolean;
}

/** Under `Values` of local.settings.json. */
export const NEW_SETTINGS = {
  FUNCTIONS_WORKER_RUNTIME: 'node',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
} as const;

/** Path in the app → content. */
export function newAppFiles(app: NewApp): Readonly<Record<string, string>> {
  const isTypeScript = app.language === 'typescript';
  return {
    '.gitignore': lines([
      'node_modules/',
      'dist/',
      '.azurite/',
      '.durable/',
      'local.settings.json',
      '*.log',
      '.env',
    ]),
    '.funcignore': lines([
      ...['.git*', '.vscode', '.azurite', '.durable', 'local.settings.json', 'test', '*.log'],
      // The keys of the host on this machine.
      'data/Functions/secrets',
      ...(isTypeScript ? ['*.ts', 'tsconfig.json', '*.js.map'] : []),
    ]),
    'host.json': json(hostJson(app)),
    'local.settings.json': json({ IsEncrypted: false, Values: NEW_SETTINGS }),
    'package.json': json(packageJson(app)),
    ...(isTypeScript && { 'tsconfig.json': json(TSCONFIG) }),
    ...(app.docker && dockerFiles(app.language)),
    ...Object.fromEntries(
      Object.entries(vscodeFiles(app)).map(([file, content]) => [file, json(content)]),
    ),
  };
}

function hostJson({ appName, bundleChannel }: NewApp): object {
  const channel = bundleChannel === 'GA' ? '' : `.${bundleChannel ?? ''}`;
  return {
    version: '2.0',
    logging: {
      applicationInsights: { samplingSettings: { isEnabled: true, excludedTypes: 'Request' } },
    },
    // Host and commands have different defaults: a name that is written down means the same to both.
    extensions: { durableTask: { hubName: hubNameOf(appName) } },
    ...(bundleChannel !== undefined && {
      extensionBundle: {
        id: `Microsoft.Azure.Functions.ExtensionBundle${channel}`,
        version: '[4.*, 5.0.0)',
      },
    }),
  };
}

/** Letters and digits, beginning with a letter, 3 to 45. */
function hubNameOf(appName: string): string {
  const plain = appName.replaceAll(/[^A-Za-z0-9]/g, '').replace(/^\d+/, '');
  return `${plain.slice(0, 42)}Hub`.replace(/^Hub$/, 'DurableFunctionsHub');
}

function packageJson({ appName, language, model, ownPackage, docker }: NewApp): object {
  const name = packageNameOf(appName);
  const own = ownPackage === undefined ? {} : { 'durable-functions-extension': ownPackage };
  const [inImage, onlyHere] = docker ? [own, {}] : [{}, own];
  // Their install scripts build what they bring ready-made; npm warns of those that nobody has allowed or refused.
  const scripts = ownPackage !== undefined && {
    allowScripts: { lmdb: false, 'msgpackr-extract': false },
  };
  const functions =
    model === 'v4' ? { '@azure/functions': '^4.0.0' } : { '@azure/functions': '^3.0.0' };
  const durable = { [DURABLE_SDK.name]: DURABLE_SDK.versions[model] };
  if (language === 'javascript') {
    return {
      name,
      version: '1.0.0',
      private: true,
      ...(model === 'v4' && { main: 'src/functions/*.js' }),
      scripts: { start: 'func start' },
      dependencies: { ...(model === 'v4' && functions), ...durable, ...inImage },
      devDependencies: onlyHere,
      ...scripts,
    };
  }
  return {
    name,
    version: '1.0.0',
    private: true,
    ...(model === 'v4' && { main: 'dist/src/functions/*.js' }),
    scripts: {
      build: 'tsc',
      watch: 'tsc -w',
      clean: `node -e "require('node:fs').rmSync('dist', { recursive: true, force: true })"`,
      prestart: 'npm run clean && npm run build',
      start: 'func start',
    },
    dependencies: { ...(model === 'v4' && functions), ...durable, ...inImage },
    devDependencies: {
      ...(model === 'v3' && functions),
      '@types/node': '^20.0.0',
      ...onlyHere,
      typescript: '^5.0.0',
    },
    ...scripts,
  };
}

function packageNameOf(appName: string): string {
  const plain = appName.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  return plain.replaceAll(/^-+|-+$/g, '') || 'function-app';
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'node16',
    types: ['node'],
    rootDir: '.',
    outDir: 'dist',
    sourceMap: true,
    strict: true,
    esModuleInterop: true,
    skipLibCheck: true,
  },
  exclude: ['node_modules', 'dist'],
};

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}

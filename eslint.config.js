import tseslint from 'typescript-eslint';
import { userTextLookup } from './scripts/lint-user-text-lookup.js';

// What the roots (host, worker) and what they share (hub) put together.
const COMPOSED = [
  'base',
  'core',
  'telemetry',
  'engine',
  'azure-storage',
  'local',
  'memory',
  'function-app',
  'triggers',
  'bindings',
  'http',
  'config',
];
// Which folders of src each folder may import from (ARCHITECTURE.md, "Layers"). A folder always may import itself.
const allowedImports = {
  base: [],
  core: ['base'],
  telemetry: ['base'],
  engine: ['base', 'core', 'telemetry'],
  'azure-storage': ['base', 'core', 'telemetry', 'engine'],
  local: ['base', 'core', 'telemetry', 'engine'],
  memory: ['base', 'core', 'telemetry', 'engine'],
  'function-app': ['base', 'core', 'telemetry', 'engine'],
  triggers: ['base', 'core', 'telemetry', 'function-app'],
  bindings: ['base', 'core', 'telemetry', 'function-app', 'triggers', 'azure-storage'],
  http: ['base', 'core', 'telemetry', 'engine'],
  config: ['base', 'core'],
  hub: [...COMPOSED],
  host: [...COMPOSED, 'hub'],
  worker: [...COMPOSED, 'hub'],
  testing: ['base', 'core', 'telemetry', 'engine', 'memory', 'function-app'],
  cli: ['base', 'host', 'config', 'telemetry', 'core', 'engine'],
  dashboard: ['core'],
};
const folders = Object.keys(allowedImports);

const TYPESCRIPT = [
  'src/**/*.{ts,tsx}',
  'test/**/*.ts',
  'samples/typescript/functions/**/*.ts',
  '*.config.ts',
];

function boundary(folder) {
  const allowed = allowedImports[folder];
  const groups = folders
    .filter((other) => other !== folder && !allowed.includes(other))
    .map((other) => ({
      group: ['..', '../..', '../../..'].map((up) => `${up}/${other}/**`),
      message: `src/${folder} may not import from src/${other} (see ARCHITECTURE.md, "Layers").`,
    }));
  groups.push({
    group: ['node:zlib', 'zlib'],
    message:
      'What is unpacked may be a thousand times longer: only with a limit, see LargePayloads.',
  });
  if (folder === 'core') {
    groups.push({
      group: ['node:*', '@azure/*', 'hono', 'hono/*', '@hono/*'],
      message: 'src/core is pure: no I/O, no clock, no platform.',
    });
  }
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: { 'no-restricted-imports': ['error', { patterns: groups }] },
  };
}

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      'coverage/',
      '.azurite/',
      'samples/javascript/',
      'samples/typescript/test/',
      'test/apps/',
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({
    ...config,
    files: TYPESCRIPT,
  })),
  {
    files: TYPESCRIPT,
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  ...folders.map(boundary),
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'src/core is synchronous.' },
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'src/core gets the time as an argument.',
        },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'src/core gets the time as an argument.',
        },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'src/core gets ids and randomness as arguments.',
        },
      ],
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/base/own-member.ts'],
    plugins: { durable: { rules: { 'user-text-lookup': userTextLookup } } },
    rules: { 'durable/user-text-lookup': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { property: 'downloadToBuffer', message: 'Use readBlob, which has a limit.' },
        ...['stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message:
            'Say it to an Output or a Logger: they keep control characters from the terminal.',
        })),
      ],
    },
  },
  {
    files: ['src/hub/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'src/hub is a library: what it works in is not its own.' },
      ],
    },
  },
  {
    files: ['src/worker/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['chdir', 'on', 'once', 'exit', 'kill', 'stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: 'This process is the worker of the Functions host: only to be read.',
        })),
      ],
    },
  },
  {
    files: ['src/cli/output.ts', 'src/host/azurite-process.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
);

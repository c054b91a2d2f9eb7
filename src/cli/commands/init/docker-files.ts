/**
 * `func init --docker`: an image whose process 1 is node, so that SIGTERM reaches the host, which then finishes what runs. It writes to
 * /data alone: the file system may be read-only.
 */
import type { Language } from '../../templates/template.ts';

/** Path in the app → content. */
export function dockerFiles(language: Language): Readonly<Record<string, string>> {
  const build = language === 'typescript' ? 'RUN npm run build && npm prune --omit=dev' : '';
  const install = language === 'typescript' ? 'npm install' : 'npm install --omit=dev';
  return {
    Dockerfile: `FROM node:22-slim AS build
WORKDIR /app
COPY package*.json ./
RUN ${install}
COPY . .
${build}
FROM node:22-slim
WORKDIR /app
# Where an account keeps the task hub (AzureWebJobsStorage), /data has the keys of the host alone, and with
# AzureWebJobsSecretStorageType=blob nothing. Otherwise it is the task hub: mount a volume, and run one container.
ENV NODE_ENV=production \\
    PORT=8080 \\
    FUNCTIONS_SECRETS_PATH=/data/secrets \\
    AzureFunctionsJobHost__extensions__durableTask__storageProvider__path=/data/hub
RUN mkdir /data && chown node /data
VOLUME /data
COPY --from=build /app .
USER node
EXPOSE 8080
CMD ["node", "node_modules/durable-functions-extension/dist/cli/func.js", "start", "--address", "0.0.0.0", "--no-reload"]
`.replace(/^\n/gm, ''),
    '.dockerignore': `${['.git', '.vscode', '.azurite', '.durable', 'local.settings.json', 'node_modules', 'dist', 'data', '*.log', '.env'].join('\n')}\n`,
  };
}

/** What runs in the child process of `func start` with reload: the host, on the lead of the supervisor. Ends with its exit code. */
import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { WatchedApp } from '../host/reload/messages.ts';
import { linkToSupervisor } from '../host/reload/supervisor-link.ts';
import { runKeptHost } from './commands/start.ts';
import type { SupervisedStart } from './commands/start-with-reload.ts';
import { endWithReader, terminal } from './output.ts';

const supervisor = linkToSupervisor();
endWithReader(() => void end(0));
const { options, knownBroken, runRecord, processNumber } = JSON.parse(
  process.argv[2] ?? '',
) as SupervisedStart;
const exitCode = await runKeptHost(options, terminal, {
  drain: supervisor.drain,
  handOver: supervisor.handOver,
  abort: supervisor.abort,
  knownBroken,
  runRecord,
  processNumber,
  openSharedPort: supervisor.openSharedPort,
  startEmulator: supervisor.startEmulator,
  onConfigured: (config, processCount) => {
    supervisor.tell({ kind: 'configured', app: watchedApp(config), processCount });
  },
  onStarted: ({ url, broken, isWorking }) => {
    supervisor.tell({ kind: 'started', port: Number(new URL(url).port), broken, isWorking });
  },
});
await end(exitCode);

async function end(code: number): Promise<void> {
  await supervisor.sayEnding();
  process.exit(code);
}

function watchedApp(config: Config): WatchedApp {
  const { scriptRoot, hostJsonPath, localSettingsPath, watchDirectories, watchFiles } = config;
  const settingsFolder = hostJsonPath === undefined ? scriptRoot : path.dirname(hostJsonPath);
  return {
    scriptRoot,
    settingFiles: [
      hostJsonPath ?? path.join(scriptRoot, 'host.json'),
      localSettingsPath ?? path.join(settingsFolder, 'local.settings.json'),
    ],
    directories: (watchDirectories ?? []).map((folder) => path.resolve(scriptRoot, folder)),
    fileNames: watchFiles ?? [],
    isEnabled: config.isFileWatchingEnabled && options.reload,
  };
}

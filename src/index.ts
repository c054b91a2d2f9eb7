/** The library: the engine, its two ports, the backends, and a function app as the engine's user code. */
export { createTaskHubWorker } from './engine/task-hub-worker.ts';
export type {
  TaskHubWorker,
  TaskHubWorkerOptions,
  TaskHubWorkerSettings,
} from './engine/task-hub-worker.ts';
export { TaskHubClient } from './engine/task-hub-client.ts';
export type { EntityClient } from './engine/entities/entity-client.ts';
export type { PurgeFilter, StartOptions, TaskHubClientOptions } from './engine/task-hub-client.ts';
export type { Ambient } from './engine/ambient.ts';
export type * from './engine/backend.ts';
export type * from './engine/function-invoker.ts';
export { createAzureStorageBackend } from './azure-storage/azure-storage-backend.ts';
export { AZURE_STORAGE_LIMITS } from './azure-storage/limits.ts';
export type { AzureStorageBackendOptions } from './azure-storage/azure-storage-backend.ts';
export type { StorageAccess, TokenAccess } from './azure-storage/clients/storage-access.ts';
export { createMemoryBackend } from './memory/memory-backend.ts';
export type { MemoryBackendOptions } from './memory/memory-backend.ts';
export { MemoryStore } from './memory/memory-store.ts';
export { loadFunctionApp } from './function-app/load-function-app.ts';
export type { LoadAppOptions } from './function-app/load-function-app.ts';
export type { FunctionApp } from './function-app/function-app.ts';
export type { LoadedFunction } from './function-app/function-declaration.ts';
export { createAppInvoker } from './function-app/app-invoker.ts';
export type { AppInvokerOptions } from './function-app/app-invoker.ts';
export type { BindingExtension } from './function-app/binding-extension.ts';
export { durableClientBinding } from './function-app/durable-client-input.ts';
export * from './core/errors.ts';
export type { BackendLimits } from './core/backend-limits.ts';
export type { OrchestrationCommit } from './core/commit.ts';
export type * from './core/history-event.ts';
export type * from './core/ids.ts';
export { parseInstanceId } from './core/ids.ts';
export type * from './core/instance-status.ts';
export type { MessageFacts, PoisonMessage } from './core/poison-message.ts';
export type * from './core/task-message.ts';
export type { LogFields, Logger, LogLevel, LogRecord } from './telemetry/log.ts';

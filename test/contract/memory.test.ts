import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { taskHubBackendContract } from './task-hub-backend.ts';

taskHubBackendContract('the memory backend', () => {
  const store = new MemoryStore();
  return {
    partitionCount: undefined,
    showsDue: true,
    connect: () => createMemoryBackend({ store }),
  };
});

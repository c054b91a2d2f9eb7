import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { taskHubBackendContract } from './task-hub-backend.ts';

taskHubBackendContract('the Azure Storage backend', () => {
  const options = azureOptions();
  const { partitionCount } = options;
  return {
    partitionCount,
    showsDue: false,
    connect: () => createAzureStorageBackend(options),
    async putText(text) {
      const [name = ''] = hubNames(options.taskHub, partitionCount).controlQueues;
      await openStorage(options.account, undefined).messages(name).put(text, 0);
    },
  };
});

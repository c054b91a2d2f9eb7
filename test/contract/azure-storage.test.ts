import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { taskHubBackendContract } from './task-hub-backend.ts';

taskHubBackendContract('the Azure Storage backend', () => {
  const options = azureOptions();
  const { partitionCount } = options;
  return { partitionCount, connect: () => createAzureStorageBackend(options) };
});

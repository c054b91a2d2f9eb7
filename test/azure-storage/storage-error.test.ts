import { describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { id } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

/** Nothing listens on port 9. */
const NOWHERE =
  'AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;TableEndpoint=http://127.0.0.1:9/a';

describe('storage errors', () => {
  it('say what could not be done when nothing answers', async () => {
    const backend = createAzureStorageBackend(azureOptions({ account: NOWHERE }));

    const found = backend.findInstance(id('order-1'));

    await expect(found).rejects.toThrow(BackendUnavailableError);
    await expect(found).rejects.toThrow(
      /^Could not read the row of 'order-1': no answer, ECONNREFUSED/,
    );
  });

  it('say what storage answered', async () => {
    const backend = createAzureStorageBackend(azureOptions({ taskHub: 'NeverCreated' }));

    await expect(backend.readHistory(id('order-1'))).rejects.toThrow(
      /^Could not read the history of 'order-1' from 'NeverCreatedHistory': HTTP 404, (TableNotFound|ResourceNotFound)/,
    );
  });
});

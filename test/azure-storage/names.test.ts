import { describe, expect, it } from 'vitest';

import { hubNames, leaseBlobNames } from '../../src/azure-storage/names.ts';

describe('the storage names of a hub', () => {
  it('are in lower case, but for tables', () => {
    expect(hubNames('MyHub', 2)).toEqual({
      controlQueues: ['myhub-control-00', 'myhub-control-01'],
      workItemQueue: 'myhub-workitems',
      historyTable: 'MyHubHistory',
      instancesTable: 'MyHubInstances',
      partitionsTable: 'MyHubPartitions',
      poison: 'myhub-poison',
      largeMessageContainer: 'myhub-largemessages',
      leaseContainer: 'myhub-leases',
      taskHubInfoBlob: 'taskhub.json',
      appLeaseContainer: 'myhub-applease',
      appLeaseInfoBlob: 'myhub-appleaseinfo',
    });
  });

  it('number the control queues with two decimal digits', () => {
    expect(hubNames('h', 16).controlQueues.at(-1)).toBe('h-control-15');
  });

  it('keep each lease manager’s blobs apart', () => {
    expect(leaseBlobNames('h-control-00')).toEqual({
      intent: 'intent/h-control-00',
      ownership: 'ownership/h-control-00',
      legacy: 'default/h-control-00',
    });
  });
});

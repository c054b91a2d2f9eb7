import { expect, it } from 'vitest';
import { unknownTriggers } from '../../src/host/unknown-triggers.ts';
import { functionOf } from '../triggers/app-values.ts';

it('names each function that only an administrator can run, and what to do', () => {
  const bus = functionOf('Bus', 'other', { type: 'serviceBusTrigger', name: 'message' });
  const disabled = functionOf('Off', 'other', { type: 'eventHubTrigger' }, { isDisabled: true });
  const functions = [bus, disabled, functionOf('Ask', 'http')];

  expect(unknownTriggers({ functions })).toEqual([
    {
      functionName: 'Bus',
      reason:
        "The binding 'message' is a trigger of the type 'serviceBusTrigger', which this host does not have: the function runs only by hand, through POST /admin/functions/Bus. Run it on the Azure Functions host, or start its work by one of httpTrigger, timerTrigger, queueTrigger, blobTrigger.",
    },
  ]);
});

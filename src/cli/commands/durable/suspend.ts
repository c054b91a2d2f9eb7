/** `func durable suspend` (ours): an instance stops until it is resumed; what comes for it meanwhile waits. */
import { steeringCommand } from './steering.ts';

export const suspend = steeringCommand({
  name: 'suspend',
  description: 'make an instance wait until it is resumed',
  one: (client, id, reason) => client.suspend(id, reason),
  tree: (client, id, reason) => client.suspendTree(id, reason),
});

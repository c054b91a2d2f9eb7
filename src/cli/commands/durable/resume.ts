/** `func durable resume` (ours): a suspended instance goes on. */
import { steeringCommand } from './steering.ts';

export const resume = steeringCommand({
  name: 'resume',
  description: 'let a suspended instance go on',
  one: (client, id, reason) => client.resume(id, reason),
  tree: (client, id, reason) => client.resumeTree(id, reason),
});

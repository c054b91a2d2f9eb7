import { app } from '@azure/functions';
import * as df from 'durable-functions';

await Promise.resolve();
df.app.orchestration('Hello', function* (context) {
  return yield context.df.callActivity('Say', 'ESM');
});
df.app.activity('Say', { handler: (name) => `Hello ${name}` });
app.get('Ping', () => ({ body: import.meta.url.split('/').pop() }));

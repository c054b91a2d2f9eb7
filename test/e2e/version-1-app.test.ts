import { describe, expect, it } from 'vitest';
import { startFunc } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { createScratchApp } from '../support/scratch-app.ts';

describe('an app with the host.json of Functions 1.x', () => {
  it('has its management API where extension 1.x had it, and where later ones have it', async () => {
    const app = await createScratchApp({
      files: {
        'host.json': { durableTask: { HubName: 'OldHub' } },
        'Hello/function.json': {
          bindings: [{ type: 'orchestrationTrigger', direction: 'in', name: 'context' }],
        },
        'Hello/index.js':
          "module.exports = require('durable-functions').orchestrator(function* () { return 'hello'; });",
      },
      packages: { 'durable-functions': 'durable-functions-v1' },
    });
    const func = await startFunc({ cwd: app.folder, args: ['--storage', 'memory'] });
    try {
      const old = `${func.url}/admin/extensions/DurableTaskExtension`;
      const urls = await start(`${old}/orchestrators/Hello`);
      const later = `${func.url}/runtime/webhooks/durabletask/instances/${urls.id}`;

      expect(urls.statusQueryGetUri).toContain(`${old}/instances/${urls.id}?taskHub=OldHub`);
      expect(await ended(urls)).toMatchObject({ runtimeStatus: 'Completed', output: 'hello' });
      expect((await fetch(later)).status).toBe(200);
    } finally {
      await func.stop();
      await app.remove();
    }
  });
});

/**
 * `import 'durable-functions-extension/register'`, as the first statement of an app: from here on its durable functions are run by
 * this package, in the official Node worker. Synchronous, so that it can be required, too.
 */
import { installInWorker } from './install.ts';

installInWorker();

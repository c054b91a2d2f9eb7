/**
 * What runs in the child process of azurite.ts: Azurite, bound to the life of its parent. When the channel to the parent closes,
 * because the host stops or was killed, Azurite saves its data and ends; it never stays behind as an orphan.
 */
import { createRequire } from 'node:module';

/** Of Azurite; the arguments behind it are for that one, which reads them itself. */
const [program = ''] = process.argv.splice(2, 1);

// A killed parent takes the other end of our pipes along; without a listener Azurite's farewell would end us before it saved.
const ignoreBrokenPipe = (): void => undefined;
process.stdout.on('error', ignoreBrokenPipe);
process.stderr.on('error', ignoreBrokenPipe);

process.once('disconnect', () => {
  process.emit('SIGTERM');
});
createRequire(program)(program);

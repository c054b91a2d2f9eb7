#!/usr/bin/env node
/** `func`: runs one command and ends the process with its exit code. The only file that ends the process. */
import { terminal } from './output.ts';
import { runProgram } from './program.ts';

// `func … | head` closes the pipe early: nobody reads on, and that is no error.
// For a host it means that whoever started it is gone; it must not live on unseen, logging its own failing log.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
process.exit(await runProgram(process.argv.slice(2), terminal));

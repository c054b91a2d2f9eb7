#!/usr/bin/env node
/** `func`: runs one command and ends the process with its exit code. */
import { endWithReader, flushed, terminal } from './output.ts';
import { runProgram } from './program.ts';

endWithReader();
const exitCode = await runProgram(process.argv.slice(2), terminal);
await flushed();
process.exit(exitCode);

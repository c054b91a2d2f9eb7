#!/usr/bin/env node
/** `func`: runs one command and ends the process with its exit code. */
import { endWithReader, terminal } from './output.ts';
import { runProgram } from './program.ts';

endWithReader();
process.exit(await runProgram(process.argv.slice(2), terminal));

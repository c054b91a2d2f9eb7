#!/usr/bin/env node
/** `func`: runs one command and ends the process with its exit code. The only file that ends the process. */
import { terminal } from './output.ts';
import { runProgram } from './program.ts';

process.exit(await runProgram(process.argv.slice(2), terminal));

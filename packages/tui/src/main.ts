#!/usr/bin/env node

import { homedir } from 'node:os';
import { exitCode } from './commands/exit-code.ts';
import { runCommandLine } from './commands/command-line.ts';
import { version } from './version.ts';

/** Whoever read our output has enough: the end of a pipe is no error. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCode.done);
  throw error;
}

const interrupt = new AbortController();
process.stdout.on('error', endQuietlyOnClosedPipe);
process.stderr.on('error', endQuietlyOnClosedPipe);
process.once('SIGINT', () => {
  interrupt.abort();
  process.exit(exitCode.interrupted);
});

process.exitCode = await runCommandLine({
  words: process.argv.slice(2),
  version,
  terminal: {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
  },
  home: homedir(),
  now: () => new Date(),
  signal: interrupt.signal,
});

#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { Problem, problemOf } from '@tenantctl/core/domain/errors';
import { readSettings, type Given } from './config.ts';
import { serve } from './serve.ts';

type Flags = {
  readonly embedded?: boolean;
  readonly stateDir?: string;
  readonly listen?: string;
  readonly migrations?: string;
  readonly config?: string;
  readonly untilStdinEnds?: boolean;
};

const problemExit = (code: string): number => (code === 'CONFIG_INVALID' ? 2 : 1);

const program = new Command('tenantd')
  .description('Provisions, migrates and watches the databases of a database-per-tenant SaaS.')
  .exitOverride()
  .configureOutput({ writeErr: () => undefined });

program
  .command('serve')
  .description('run the service')
  .option('--embedded', 'start PostgreSQL inside the state directory')
  .option('--state-dir <dir>', 'what the daemon keeps between its lives (TENANTD_STATE_DIR)')
  .option('--listen <addr>', 'unix:/path (TENANTD_LISTEN)')
  .option('--migrations <dir>', "the tenants' Prisma migrations folder (TENANTD_MIGRATIONS_DIR)")
  .option('--config <file>', 'NAME=value lines; the environment wins over them')
  .option('--until-stdin-ends', 'stop when standard input ends, as if by SIGTERM')
  .action(async (flags: Flags) => {
    const { config, faults } = read(flags);
    if (faults.length > 0) return refuse(faults);
    await serve(config, { embedded: flags.embedded === true, stop: stopSignal(flags) });
  });

program
  .command('config')
  .description('every setting: its value, where it came from, secrets hidden')
  .option('--config <file>', 'NAME=value lines; the environment wins over them')
  .action((flags: Flags) => {
    const { shown, faults } = read(flags);
    const width = Math.max(...shown.map(({ name }) => name.length));
    for (const { name, origin, value } of shown) {
      process.stdout.write(
        `${name.padEnd(width)}  ${origin.padEnd(11)}  ${value}`.trimEnd() + '\n',
      );
    }
    refuse(faults);
  });

/** The first SIGTERM or SIGINT drains; a second one ends at once, which is harmless. */
function stopSignal(flags: Flags): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (flags.untilStdinEnds === true) process.stdin.on('end', () => controller.abort()).resume();
  return controller.signal;
}

function read(flags: Flags) {
  const given: Given = {
    TENANTD_STATE_DIR: flags.stateDir,
    TENANTD_LISTEN: flags.listen,
    TENANTD_MIGRATIONS_DIR: flags.migrations,
  };
  return readSettings({ flags: given, environment: process.env, file: flags.config });
}

/** One line for each fault; exit 2. */
function refuse(faults: readonly Problem[]): void {
  for (const fault of faults) print(fault);
  if (faults.length > 0) process.exitCode = 2;
}

function print({ code, message, help }: Problem): void {
  process.stderr.write(`error[${code}]: ${message}\n`);
  if (help !== undefined) process.stderr.write(`help: ${help}\n`);
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (error instanceof CommanderError) {
    const wanted = ['commander.helpDisplayed', 'commander.help', 'commander.version'];
    if (wanted.includes(error.code)) process.exit(0);
    process.stderr.write(`error[USAGE]: ${error.message.replace(/^error: /, '')}\n`);
    process.stderr.write('help: tenantd --help\n');
    process.exit(2);
  }
  const problem = problemOf(error);
  print(problem);
  // oxlint-disable-next-line no-console -- a bug's stack is for whoever reports it
  if (problem.kind === 'bug') console.error(error);
  process.exit(problemExit(problem.code));
}

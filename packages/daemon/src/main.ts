#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { Problem, problemOf } from '@tenantctl/core/domain/errors';
import { readSettings, type Given } from './config.ts';
import { missingSettings } from './required-settings.ts';
import { serve } from './serve.ts';
import { version } from './version.ts';

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
  .version(version)
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
    const embedded = flags.embedded === true;
    const settings = read(flags);
    const missing = embedded ? [] : missingSettings(settings);
    const faults = [...missing, ...settings.faults];
    if (faults.length > 0) return refuse(faults);
    await serve(settings.config, { embedded, stop: stopSignal(flags) });
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

/** In the form of every other problem. */
function usage({ code, message }: CommanderError): Problem {
  const sentence = message.replace(/^error: /, '').replaceAll("'", '"');
  const more = code === 'commander.help' ? 'tenantd takes a command: serve or config' : sentence;
  return new Problem('USAGE', 'command line', { more, help: 'See: tenantd --help' });
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help or the version was asked for, and is printed.
    if (error.exitCode === 0) process.exit(0);
    print(usage(error));
    process.exit(2);
  }
  const problem = problemOf(error);
  print(problem);
  // oxlint-disable-next-line no-console -- a bug's stack is for whoever reports it
  if (problem.kind === 'bug') console.error(error);
  process.exit(problemExit(problem.code));
}

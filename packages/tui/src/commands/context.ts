import { readFile } from 'node:fs/promises';
import { type DaemonAddress, resolveDaemonAddress } from '@tenantctl/core/client/daemon-address';
import { DaemonClient } from '@tenantctl/core/client/daemon-client';
import { Problem } from '@tenantctl/core/domain/errors';
import type { Output } from '../plain/output.ts';
import { isInteractive, type Terminal } from '../plain/terminal.ts';
import type { ExitCode } from './exit-code.ts';
import type { GlobalOptions } from './global-options.ts';

/** Where and as whom a command asks. */
export type Connection = { readonly address: DaemonAddress; readonly token: string | undefined };

/** Everything a command works with. */
export type CommandContext = {
  readonly connection: Connection;
  readonly client: DaemonClient;
  readonly output: Output;
  readonly terminal: Terminal;
  /** Wait for the outcome of work that was started? */
  readonly wait: boolean;
  /** Never ask. */
  readonly yes: boolean;
  readonly now: () => Date;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
};

/** A command with its words; making one throws `USAGE` and `INVALID_INPUT`. Resolves with the exit code. */
export type LoadedCommand = (context: CommandContext) => Promise<ExitCode>;

type Surroundings = {
  readonly terminal: Terminal;
  readonly home: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly output: Output;
};

/** Finds the daemon and the token. Throws `DAEMON_UNREACHABLE` and `INVALID_INPUT`. */
export async function connectionFor(
  options: GlobalOptions,
  { terminal, home }: Pick<Surroundings, 'terminal' | 'home'>,
): Promise<Connection> {
  const { env } = terminal;
  const token = await tokenOf(options.tokenFile, env['TENANTD_TOKEN']);
  const address = await resolveDaemonAddress({ given: options.daemon, env, home });
  return { address, token };
}

export async function contextFor(
  options: GlobalOptions,
  around: Surroundings,
): Promise<CommandContext> {
  const { terminal, output, now, signal } = around;
  const connection = await connectionFor(options, around);
  return {
    connection,
    client: new DaemonClient({ ...connection, readonly: options.readonly === true }),
    output,
    terminal,
    wait: options.wait ?? isInteractive(terminal),
    yes: options.yes === true,
    now,
    signal,
  };
}

async function tokenOf(
  file: string | undefined,
  fromEnv: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return fromEnv === '' ? undefined : fromEnv;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Problem('INVALID_INPUT', file, {
      more: 'cannot be read',
      help: '--token-file names a file that holds an API token.',
      cause,
    });
  });
  return text.trim();
}

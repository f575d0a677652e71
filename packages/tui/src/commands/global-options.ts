import { type Command, Option } from 'commander';
import { type Format, formats } from '../plain/output.ts';

/** What every command takes. */
export type GlobalOptions = {
  readonly daemon?: string;
  readonly tokenFile?: string;
  readonly output: Format;
  readonly readonly?: boolean;
  readonly ascii?: boolean;
  readonly color: boolean;
  readonly yes?: boolean;
  /** Undefined: as the terminal decides. */
  readonly wait?: boolean;
};

export function withGlobalOptions(program: Command): Command {
  return program
    .option('--daemon <ADDR>', 'unix:/path or host:port (TENANTD_ADDR)')
    .option('--token-file <F>', 'file that holds an API token (TENANTD_TOKEN)')
    .addOption(
      new Option('-o, --output <FORMAT>', 'how to print').choices(formats).default('table'),
    )
    .option('--readonly', 'refuse every command that changes something')
    .option('--ascii', 'only ASCII characters')
    .option('--no-color', 'no colour (NO_COLOR)')
    .option('-y, --yes', 'do not ask');
}

/** For commands that start work. */
export function withWait(command: Command): Command {
  return command
    .option('--wait', 'wait for the outcome (default in a terminal)')
    .option('--no-wait', 'return once the work is accepted');
}

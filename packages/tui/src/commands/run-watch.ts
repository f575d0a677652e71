import { concludeRun } from './conclude-run.ts';
import type { CommandContext } from './context.ts';
import type { ExitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';
import { followRun } from './follow-run.ts';

/** `run watch`: to the end of the run, with its outcome as exit code. */
export async function runWatch(context: CommandContext, name: string): Promise<ExitCode> {
  return concludeRun(context, await followRun(context, await findRun(context, name)));
}

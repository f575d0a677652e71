import { problemOf, Problem } from '@tenantctl/core/domain/errors';
import { type Command, CommanderError } from 'commander';
import { type Format, formats, Output } from '../plain/output.ts';
import { isInteractive, type Terminal } from '../plain/terminal.ts';
import { type CommandContext, connectionFor, contextFor } from './context.ts';
import { exitCode, exitCodeOf } from './exit-code.ts';
import type { GlobalOptions } from './global-options.ts';
import { createProgram, type Load } from './program.ts';

type Surroundings = {
  /** Without the program's own name. */
  readonly words: readonly string[];
  readonly version: string;
  readonly terminal: Terminal;
  readonly home: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

/** Runs one command line and returns the exit code; problems are printed, not thrown. */
export async function runCommandLine(around: Surroundings): Promise<number> {
  let code: number = exitCode.done;
  const execute = async (command: Command, load: Load): Promise<void> => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const output = outputFor(options, around.terminal);
    // Loaded first: what is wrong with the words themselves is said without asking a daemon.
    const run = await load();
    code = await within(await contextFor(options, { ...around, output }), run);
  };
  const program = createProgram(around.version, around.terminal, {
    run: execute,
    open: async (command, words) => {
      if (words.length > 0) throw unknownCommand(words);
      if (isInteractive(around.terminal)) code = await openTui(command, around);
      else await execute(command, async () => (await import('./overview.ts')).overview);
    },
  });
  try {
    await program.parseAsync([...around.words], { from: 'user' });
    return code;
  } catch (error) {
    return explain(
      error,
      outputFor(program.opts(), around.terminal),
      helpOn(program, around.words),
    );
  }
}

async function within(
  context: CommandContext,
  command: (context: CommandContext) => Promise<number>,
): Promise<number> {
  try {
    return await command(context);
  } finally {
    context.client.close();
  }
}

async function openTui(command: Command, around: Surroundings): Promise<number> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const output = outputFor(options, around.terminal);
  const { readonly = false, ascii = false } = options;
  const connection = await connectionFor(options, around);
  const { runTui } = await import('../tui.tsx');
  return runTui({ ...connection, readonly, ascii, color: output.look.color });
}

function outputFor(options: Partial<GlobalOptions>, terminal: Terminal): Output {
  const { output, color = true, ascii = false } = options;
  // A format that is none is being complained about right now.
  const format: Format = formats.find((known) => known === output) ?? 'table';
  return new Output({ terminal, format, color, ascii });
}

/** How to ask for the help of the command that was meant: the longest that the words begin with. */
function helpOn(program: Command, words: readonly string[]): string {
  let command = program;
  const path = ['tenantctl'];
  for (const word of words) {
    const next = command.commands.find((known) => known.name() === word);
    if (next === undefined) break;
    command = next;
    path.push(word);
  }
  return `See: ${path.join(' ')} --help`;
}

function explain(error: unknown, output: Output, help: string): number {
  if (!(error instanceof CommanderError)) {
    const problem = problemOf(error);
    output.problem(problem);
    return exitCodeOf(problem);
  }
  if (error.exitCode === 0) return exitCode.done;
  // A group without its command: commander has printed the group's help.
  if (error.code === 'commander.help') return exitCode.usage;
  const sentence = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replaceAll("'", '"');
  output.problem(new Problem('USAGE', 'command line', { more: sentence, help }));
  return exitCode.usage;
}

const unknownCommand = (words: readonly string[]) =>
  new Problem('USAGE', 'command line', { more: `unknown command "${words.join(' ')}"` });

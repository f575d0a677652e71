import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '@tenantctl/tui/commands/command-line';

type Options = {
  /** As typed after `tenantctl`. */
  readonly words: readonly string[];
  /** Where the daemon listens; `TENANTD_ADDR`. */
  readonly daemon?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed. With it there is a terminal of 200 columns, without it there is none. */
  readonly typed?: string;
  readonly signal?: AbortSignal;
  /** Called with each piece of output. */
  readonly onOutput?: (side: 'stdout' | 'stderr', text: string) => void;
};

export type CommandResult = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a `tenantctl` command in this process. */
export async function tenantctl({
  words,
  daemon,
  env = {},
  typed,
  signal = new AbortController().signal,
  onOutput = () => undefined,
}: Options): Promise<CommandResult> {
  const isTTY = typed !== undefined;
  const side = (name: 'stdout' | 'stderr') => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 });
    stream.on('data', (chunk: Buffer) => onOutput(name, chunk.toString()));
    return { stream, said: text(stream) };
  };
  const [stdout, stderr] = [side('stdout'), side('stderr')];
  const stdin = Object.assign(new PassThrough(), { isTTY });
  if (typed !== undefined) stdin.end(typed);
  const code = await runCommandLine({
    words,
    version: '0.0.0',
    terminal: {
      stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { ...(daemon !== undefined && { TENANTD_ADDR: daemon }), ...env },
    },
    home: '/nowhere',
    now: () => new Date(),
    signal,
  });
  stdout.stream.end();
  stderr.stream.end();
  return { code, stdout: await stdout.said, stderr: await stderr.said };
}

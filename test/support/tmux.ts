import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

/** Whether there is a tmux: unlike everything else here, npm does not bring it. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

const settings = `
set -g status off
set -g remain-on-exit on
set -g default-shell /bin/sh
`;

type Options = {
  /** A program and its arguments; at least one, because tmux gives a lone word to a shell. */
  readonly command: readonly [string, string, ...string[]];
  readonly columns: number;
  readonly rows: number;
  readonly environment?: Readonly<Record<string, string>>;
};

/** A real terminal of a given size with a program in it, by a tmux server of its own. */
export interface Terminal extends AsyncDisposable {
  /** Presses keys by tmux's names (`j`, `Enter`, `C-c`), one by one, each a chunk of its own. */
  keys(...names: readonly string[]): Promise<void>;
  /** Sends characters in one go, as key repeat over a slow line does. */
  burst(text: string): Promise<void>;
  /** Pastes, marked as a paste where the program has asked for it. */
  paste(text: string): Promise<void>;
  /** The lines that are on the screen, without what is blank at their ends. */
  screen(): Promise<string>;
  /** The same with escapes for colours and styles. */
  styledScreen(): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Waits until `look` no longer throws; it gets the newest screen, and its failure shows it. */
  until<T>(look: (screen: string) => T, options?: { readonly timeoutMs?: number }): Promise<T>;
  /** What tmux knows: `#{cursor_flag}`, `#{alternate_on}`, `#{pane_dead_status}` and more. */
  ask(format: string): Promise<string>;
  /** The process of the program. */
  pid(): Promise<number>;
}

export async function openTerminal(options: Options): Promise<Terminal> {
  const { command, columns, rows, environment = {} } = options;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-tmux-'));
  const socket = path.join(directory, 'tmux.sock');
  const configuration = path.join(directory, 'tmux.conf');
  await writeFile(configuration, settings);
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    LC_ALL: 'C.UTF-8',
    PS1: '$ ',
    ...environment,
  };
  const server = ['-S', socket, '-f', configuration, '-u'];
  const tmux = async (...words: readonly string[]): Promise<string> =>
    (await run('tmux', [...server, ...words], { env, maxBuffer: 8 * 1024 * 1024 })).stdout;
  // Nothing of ours may outlive a worker that is killed by its runner.
  const dieWithUs = () => void spawnSync('tmux', [...server, 'kill-server']);
  process.once('exit', dieWithUs);
  const end = async () => {
    process.off('exit', dieWithUs);
    await tmux('kill-server').catch(() => undefined);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  const size = ['-x', String(columns), '-y', String(rows)];
  try {
    await tmux('new-session', '-d', ...size, '-c', directory, ...command);
  } catch (error) {
    await end();
    throw error;
  }
  const capture = async (...flags: readonly string[]): Promise<string> =>
    (await tmux('capture-pane', '-p', ...flags)).trimEnd();
  const screen = () => capture();
  return {
    async keys(...names) {
      for (const name of names) await tmux('send-keys', name);
    },
    burst: async (text) => void (await tmux('send-keys', '-l', text)),
    async paste(text) {
      await tmux('set-buffer', text);
      await tmux('paste-buffer', '-p', '-d');
    },
    screen,
    styledScreen: () => capture('-e'),
    resize: async (x, y) => void (await tmux('resize-window', '-x', String(x), '-y', String(y))),
    until: (look, waiting) =>
      eventually(async () => {
        const seen = await screen();
        try {
          return look(seen);
        } catch (error) {
          if (error instanceof Error) error.message += `\n${seen}`;
          throw error;
        }
      }, waiting),
    ask: async (format) => (await tmux('display-message', '-p', format)).trim(),
    pid: async () => Number(await tmux('display-message', '-p', '#{pane_pid}')),
    [Symbol.asyncDispose]: end,
  };
}

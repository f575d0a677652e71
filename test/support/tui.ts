import path from 'node:path';
import { expect, test } from 'vitest';
import { ARMED_AFTER_MS } from '../../packages/tui/src/actions/confirm.ts';
import { eventually } from './eventually.ts';
import { hasTmux, openTerminal, type Terminal } from './tmux.ts';

const main = path.resolve(import.meta.dirname, '../../packages/tui/dist/main.js');

if (!hasTmux) process.stderr.write('Without tmux nothing is tested in a real terminal.\n');

/** A test in a real terminal; skipped where there is none to be had. */
export const terminalTest: (name: string, story: () => Promise<void>) => void = test.runIf(hasTmux);

type Options = {
  /** Where the daemon listens. */
  readonly socket: string;
  readonly columns?: number;
  readonly rows?: number;
};

/** How a shell starts `tenantctl`, as built, on a daemon's screen. */
export const tuiCommand = (socket: string): [string, string, ...string[]] => [
  process.execPath,
  main,
  '--daemon',
  `unix:${socket}`,
];

/** `tenantctl` in a real terminal, 120x36 unless told otherwise. */
export function openTui({ socket, columns = 120, rows = 36 }: Options): Promise<Terminal> {
  return openTerminal({ command: tuiCommand(socket), columns, rows });
}

export type ScreenRow = {
  readonly underCursor: boolean;
  readonly marked: boolean;
  readonly status: string;
  readonly slug: string;
  /** Schema, age and error, as they stand there. */
  readonly rest: string;
};

const row =
  /^[│ ]?(?<cursor>[▸ ])(?<mark>[✓ ]) [✗↻◐■●○] (?<status>[A-Z]+( DB| DATABASE)?) +(?<slug>\S+) +(?<rest>.*?)│*$/;

/** The rows of the fleet that a screen shows, from the top. */
export function rowsOf(screen: string): readonly ScreenRow[] {
  return screen.split('\n').flatMap((line) => {
    // In a wide terminal the details stand to the right, in a box of their own.
    const found = row.exec(line.split('││')[0] ?? '')?.groups;
    if (found === undefined) return [];
    const { cursor, mark, status = '', slug = '', rest = '' } = found;
    return [{ underCursor: cursor === '▸', marked: mark === '✓', status, slug, rest: rest.trim() }];
  });
}

/** The slug under the cursor. */
export const cursorOf = (screen: string): string | undefined =>
  rowsOf(screen).find(({ underCursor }) => underCursor)?.slug;

/** The status that a screen shows for a tenant. */
export const statusOf = (screen: string, slug: string): string | undefined =>
  rowsOf(screen).find((shown) => shown.slug === slug)?.status;

/** The last line: a question, a field, or what just happened. */
export const lastLine = (screen: string, rows: number): string =>
  (screen.split('\n')[rows - 1] ?? '').trim();

/** Resolves when a question that is on the screen by now is old enough to take an answer. */
export async function questionIsArmed(): Promise<void> {
  const seenAtMs = performance.now();
  await eventually(() => expect(performance.now() - seenAtMs).toBeGreaterThan(ARMED_AFTER_MS));
}

import type { Glyphs } from '../theme/glyphs.ts';
import { createTheme, type Style } from '../theme/theme.ts';
import type { Terminal } from './terminal.ts';

/** How plain lines look on one stream: decided once, at start. */
export type Look = {
  readonly color: boolean;
  readonly glyphs: Glyphs;
  /** Styles `text`, or leaves it as it is where no escape may be written. */
  readonly paint: (text: string, ...styles: readonly Style[]) => string;
  /** Cells of a line; undefined where nothing may be cut. */
  readonly width: number | undefined;
  /** May a line be written again in its place? */
  readonly live: boolean;
};

export type LookChoice = { readonly color: boolean; readonly ascii: boolean };

/**
 * Colour only on a terminal that has it, and never against `NO_COLOR` (any value that is not empty) or
 * `--no-color`. Lines are cut to the terminal's width only where they go to a terminal.
 */
export function lookOf(
  terminal: Pick<Terminal, 'stdout' | 'stderr' | 'env'>,
  side: 'stdout' | 'stderr',
  { color, ascii }: LookChoice,
): Look {
  const { env } = terminal;
  const isTerminal = terminal[side].isTTY === true;
  const dumb = env['TERM'] === 'dumb';
  const painted = color && isTerminal && !dumb && !env['NO_COLOR'];
  const theme = createTheme({ color: painted, ascii });
  return {
    color: painted,
    glyphs: theme.glyphs,
    paint: painted ? theme.paint : (text) => text,
    width: isTerminal ? (terminal.stdout.columns ?? 80) : undefined,
    live: isTerminal && !dumb,
  };
}

/** How one cell of a terminal looks. Colours are those of the 16 that every terminal has; null: its own. */
export type Style = {
  readonly foreground: number | null;
  readonly background: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
};

/** Neighbours on one line that look the same, from the column `at` on. */
export type Run = { readonly at: number; readonly text: string; readonly style: Style };

const plain: Style = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  inverse: false,
};

// oxlint-disable-next-line no-control-regex -- escapes are what it looks for
const piece = /\u001b\[(?<codes>[\d;]*)m|(?<text>[^\u001b]+)/g;

/**
 * What `tmux capture-pane -e -p` prints, as runs by line. A style holds on beyond the end of a line, as tmux
 * means it. Every character is one cell wide: the terminal shows no others.
 */
export function styledLines(captured: string): readonly (readonly Run[])[] {
  let style = plain;
  return captured.split('\n').map((line) => {
    const runs: Run[] = [];
    let at = 0;
    for (const { groups } of line.matchAll(piece)) {
      const { codes, text } = groups ?? {};
      if (codes !== undefined) style = codes.split(';').reduce(styledBy, style);
      if (text === undefined) continue;
      runs.push({ at, text, style });
      at += Array.from(text).length;
    }
    return runs;
  });
}

function styledBy(style: Style, written: string): Style {
  const code = Number(written);
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  switch (code) {
    case 0:
      return plain;
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 7:
      return { ...style, inverse: true };
    case 22:
      return { ...style, bold: false, dim: false };
    case 27:
      return { ...style, inverse: false };
    case 39:
      return { ...style, foreground: null };
    case 49:
      return { ...style, background: null };
    default:
      throw new Error(`the terminal wrote a style that the picture does not know: ${written}`);
  }
}

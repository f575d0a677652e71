import { type Run, type Style, styledLines } from './styled-cells.ts';

type Picture = {
  /** What `tmux capture-pane -e -p` printed. */
  readonly captured: string;
  readonly columns: number;
  /** For those who do not see it. */
  readonly description: string;
};

// Measures in pixels. A cell is as wide as a glyph of the usual monospace fonts at this size.
const FONT = 14;
const CELL = 8.43;
const LINE = 19;
/** From the top of a line to where its letters stand. */
const BASE = 14;
const MARGIN = 18;
const BAR = 34;

const FAMILY =
  'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace';
const PAPER = '#15181e';
const INK = '#d3d8e0';
/** Dark and bright: black, red, green, yellow, blue, magenta, cyan, white. */
const COLOURS =
  '#2a2f38 #f0727b #86cf95 #eec06f #6fa8ec #c48cea #6fc9d3 #c4cad4 #6b7482 #ff9098 #a5e6b2 #ffd995 #93c0ff #dcaeff #95e4ec #ffffff'.split(
    ' ',
  );

/** Lines of boxes as parts of a cell, from its centre: left, up, right, down. */
const LINES: Readonly<Record<string, string>> = {
  '─': 'lr',
  '│': 'ud',
  '┌': 'rd',
  '┐': 'ld',
  '└': 'ru',
  '┘': 'lu',
};
/** Parts of a bar, by how many eighths of a cell they fill. */
const BLOCKS = '░▏▎▍▌▋▊▉█';

const number = (value: number): string => String(Math.round(value * 100) / 100);
const x = (column: number): string => number(MARGIN + column * CELL);
const y = (line: number): string => number(BAR + MARGIN / 2 + line * LINE);

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const colour = (index: number | null, otherwise: string): string =>
  index === null ? otherwise : (COLOURS[index] ?? otherwise);

const inkOf = ({ inverse, foreground, background }: Style): string =>
  inverse ? colour(background, PAPER) : colour(foreground, INK);

const paperOf = ({ inverse, foreground, background }: Style): string =>
  inverse ? colour(foreground, INK) : colour(background, PAPER);

/** The colour of whatever is written in this style, and how strongly. */
function look(style: Style): string {
  const weight = style.bold ? ' font-weight="700"' : '';
  const faint = style.dim ? ' fill-opacity=".58"' : '';
  return ` fill="${inkOf(style)}"${weight}${faint}`;
}

/**
 * A terminal as SVG. Words are as wide as their cells whatever the font; boxes and bars are shapes, and every
 * other sign stands in the middle of its cell, so that nothing depends on the fonts of whoever looks at it.
 */
export function drawTerminal({ captured, columns, description }: Picture): string {
  const lines = styledLines(captured);
  const width = number(columns * CELL + 2 * MARGIN);
  const height = number(BAR + lines.length * LINE + 1.5 * MARGIN);
  const drawn = lines.flatMap((runs, line) => runs.flatMap((run) => drawRun(run, line)));
  const dots = [0, 1, 2].map(
    (place) => `<circle cx="${22 + place * 19}" cy="${BAR / 2 + 2}" r="5.5" fill="#3a404b"/>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(description)}">`,
    `<title>${escape(description)}</title>`,
    `<style>text{font-family:${FAMILY};font-size:${FONT}px;white-space:pre}.s{text-anchor:middle}</style>`,
    `<rect x=".5" y=".5" width="${number(Number(width) - 1)}" height="${number(Number(height) - 1)}" rx="10" fill="${PAPER}" stroke="#3a404b"/>`,
    ...dots,
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}

function drawRun({ at, text, style }: Run, line: number): string[] {
  const paper = paperOf(style);
  const cells = Array.from(text).length;
  const behind = paper === PAPER ? [] : [rectangle(at, line, cells, `fill="${paper}"`)];
  // Words that are one space apart are written in one go, and so are bars.
  const pieces = text.matchAll(/[!-~]+(?: [!-~]+)*|[▏▎▍▌▋▊▉█]+░*|░+|[^ -~]/g);
  const drawn = Array.from(pieces, ({ 0: piece, index }) => {
    const column = at + Array.from(text.slice(0, index)).length;
    return drawPiece(piece, { column, line, style });
  });
  return [...behind, ...drawn];
}

type Place = { readonly column: number; readonly line: number; readonly style: Style };

/** Words, a bar, a part of a box, or a sign of its own. */
function drawPiece(piece: string, { column, line, style }: Place): string {
  const ends = LINES[piece];
  if (ends !== undefined) return drawLines(ends, column, line, style);
  if (BLOCKS.includes(piece.charAt(0))) return drawBar(piece, { column, line, style });
  if (/^[^ -~]/.test(piece)) {
    const middle = number(MARGIN + (column + 0.5) * CELL);
    return `<text class="s" x="${middle}" y="${baseOf(line)}"${look(style)}>${piece}</text>`;
  }
  const length = number(piece.length * CELL);
  return `<text x="${x(column)}" y="${baseOf(line)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look(style)}>${escape(piece)}</text>`;
}

/** What is empty shines through, up to the end of the bar. */
function drawBar(piece: string, { column, line, style }: Place): string {
  const ink = `fill="${inkOf(style)}"`;
  const eighths = Array.from(piece, (block) => BLOCKS.indexOf(block));
  const filled = eighths.reduce((sum, part) => sum + part, 0) / 8;
  const whole = rectangle(column, line, piece.length, `${ink} fill-opacity=".22"`, 3);
  return (piece.includes('░') ? whole : '') + rectangle(column, line, filled, ink, 3);
}

const baseOf = (line: number): string => number(Number(y(line)) + BASE);

/** Bars leave `air` above and below, so that they do not look like a background. */
function rectangle(column: number, line: number, cells: number, fill: string, air = 0): string {
  const top = number(Number(y(line)) + air);
  const width = number(cells * CELL);
  return `<rect x="${x(column)}" y="${top}" width="${width}" height="${LINE - 2 * air}" ${fill}/>`;
}

function drawLines(ends: string, column: number, line: number, style: Style): string {
  const [left, top] = [Number(x(column)), Number(y(line))];
  const centre = `${number(left + CELL / 2)} ${number(top + LINE / 2)}`;
  const targets: Readonly<Record<string, string>> = {
    l: `H${number(left)}`,
    r: `H${number(left + CELL)}`,
    u: `V${number(top)}`,
    d: `V${number(top + LINE)}`,
  };
  const path = Array.from(ends, (end) => `M${centre}${targets[end] ?? ''}`).join('');
  const faint = style.dim ? ' stroke-opacity=".45"' : '';
  return `<path d="${path}" stroke="${inkOf(style)}"${faint}/>`;
}

import stringWidth from 'string-width';

const printableAscii = /^[\x20-\x7e]*$/;
// Escape sequences, C0 and C1 controls, and the marks that reorder or hide text: none of them may
// reach a terminal from a tenant's name or from a message of PostgreSQL.
// oxlint-disable-next-line no-control-regex
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g;
// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;
// oxlint-disable-next-line no-control-regex
const styledPiece = /((?:\u001b\[[\d;]*m)*)([^\u001b]*)/g;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text from outside as one line that is safe to print: no control characters, no line breaks. */
export function clean(text: string): string {
  if (printableAscii.test(text)) return text;
  return text.replaceAll(escapes, '').replaceAll(unsafe, ' ');
}

/** How many cells of a terminal `text` takes; styles take none. */
export const widthOf = (text: string): number =>
  printableAscii.test(text) ? text.length : stringWidth(text);

/** The clusters of `text` that a reader takes for one character each. */
export const graphemesOf = (text: string): string[] =>
  printableAscii.test(text)
    ? Array.from(text)
    : Array.from(graphemes.segment(text), (s) => s.segment);

/** `text` in at most `width` cells; where something is left out, `ellipsis` stands at the end. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let left = width - widthOf(ellipsis);
  for (const grapheme of graphemesOf(text)) {
    left -= widthOf(grapheme);
    if (left < 0) break;
    kept += grapheme;
  }
  return kept + ellipsis;
}

/** As `cut`, for text that carries styles: they take no cells, and none of them outlives the line. */
export function cutStyled(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let left = width - widthOf(ellipsis);
  for (const [, style = '', plain = ''] of text.matchAll(styledPiece)) {
    kept += style;
    for (const grapheme of graphemesOf(plain)) {
      left -= widthOf(grapheme);
      if (left < 0) return `${kept}${ellipsis}\u001b[0m`;
      kept += grapheme;
    }
  }
  return kept;
}

/** `text` in exactly `width` cells. */
export function fit(text: string, width: number, ellipsis = '…'): string {
  const shown = cut(text, width, ellipsis);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}

/** `text` in lines of at most `width` cells, broken at spaces, else behind `-` and `_`, else anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  const close = (): void => {
    if (line !== '') lines.push(line);
    line = '';
  };
  for (const word of text.split(' ')) {
    if (widthOf(line) + widthOf(word) + (line === '' ? 0 : 1) > width) close();
    if (widthOf(word) <= width) {
      line = line === '' ? word : `${line} ${word}`;
      continue;
    }
    for (const part of partsOf(word, width)) {
      if (widthOf(line) + widthOf(part) > width) close();
      line += part;
    }
  }
  close();
  return lines;
}

/** Pieces of a long word that may stand on lines of their own. */
const partsOf = (word: string, width: number): string[] =>
  word.split(/(?<=[-_])/).flatMap((part) => {
    if (widthOf(part) <= width) return [part];
    // Some scripts have signs of three cells and more: one that is wider than the line cannot be shown.
    return graphemesOf(part).map((sign) => (widthOf(sign) <= width ? sign : '…'));
  });

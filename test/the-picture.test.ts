import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { drawTerminal } from '../scripts/picture/draw-terminal.ts';
import { styledLines } from '../scripts/picture/styled-cells.ts';

const draw = (captured: string) => drawTerminal({ captured, columns: 20, description: 'a test' });

test('neighbours that look the same are one run; a style holds on beyond the end of a line', () => {
  const [first, second] = styledLines('a \u001b[1;31mFAILED\nx\u001b[22;39m y');
  expect(first).toMatchObject([
    { at: 0, text: 'a ', style: { bold: false, foreground: null } },
    { at: 2, text: 'FAILED', style: { bold: true, foreground: 1 } },
  ]);
  expect(second).toMatchObject([
    { at: 0, text: 'x', style: { bold: true, foreground: 1 } },
    { at: 1, text: ' y', style: { bold: false, foreground: null } },
  ]);
});

test('a style that the picture cannot show is refused', () => {
  expect(() => styledLines('\u001b[38;5;200mpink')).toThrow(
    'a style that the picture does not know',
  );
});

test('words are as wide as their cells, boxes and bars are shapes, signs stand in the middle', () => {
  const svg = draw('│ a <b> "c"  d\n✗ ██▌░ 50%');
  expect(svg).toMatch(/<text x="34\.86"[^>]* textLength="75\.87"[^>]*>a &lt;b&gt; "c"<\/text>/);
  expect(svg).toMatch(/<text x="127\.59"[^>]*>d<\/text>/);
  expect(svg).toMatch(/<text class="s" x="22\.22"[^>]*>✗<\/text>/);
  // Four cells, of which two and a half are full.
  expect(svg).toMatch(
    /<rect [^>]*width="33\.72"[^>]* fill-opacity="\.22"\/><rect [^>]*width="21\.08"/,
  );
  expect(svg).not.toMatch(/[│█▌░]/);
});

test('what is inverse has the colour of its text behind it', () => {
  const plain = /fill="([^"]+)">x</.exec(draw('x'))?.[1];
  expect(draw('\u001b[7mx\u001b[27m')).toMatch(new RegExp(`<rect [^>]* fill="${plain}"/>`));
});

test("the README's picture shows a run with failures, and nothing of the machine it was taken on", async () => {
  const svg = await readFile(path.resolve(import.meta.dirname, '../docs/fleet.svg'), 'utf8');
  expect(svg).toContain('RUN #1');
  expect(svg).toContain('SQLSTATE 23502');
  expect(svg).not.toMatch(/\/(home|root|tmp|work|Users)\b|127\.0\.0\.1|localhost/);
});

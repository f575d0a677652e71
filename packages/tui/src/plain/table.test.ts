import { expect, test } from 'vitest';
import { widthOf } from '../theme/cells.ts';
import { unicodeGlyphs } from '../theme/glyphs.ts';
import type { Look } from './look.ts';
import { type Column, tableLines } from './table.ts';

type Row = { readonly name: string; readonly count: number; readonly note: string };

const columns: readonly Column<Row>[] = [
  { title: 'NAME', text: ({ name }) => name, style: () => ['red'] },
  { title: 'COUNT', text: ({ count }) => String(count), align: 'right' },
  { title: 'NOTE', text: ({ note }) => note },
];

const look = (width?: number): Look => ({
  color: false,
  glyphs: unicodeGlyphs,
  paint: (text) => text,
  width,
  live: false,
});

test('columns are as wide as they need to be, numbers to the right', () => {
  const rows = [
    { name: 'acme', count: 3, note: 'short' },
    { name: 'globex-corporation', count: 4000, note: '' },
  ];
  expect(tableLines(columns, rows, look())).toEqual([
    'NAME                COUNT  NOTE',
    'acme                    3  short',
    'globex-corporation   4000',
  ]);
});

test('cells of wide characters still stand under their title', () => {
  const rows = [
    { name: '日本', count: 1, note: 'x' },
    { name: 'abcd', count: 1, note: 'x' },
  ];
  const [, first = '', second = ''] = tableLines(columns, rows, look());
  expect(widthOf(first)).toBe(widthOf(second));
});

test('in a narrow terminal the widest column gives way first', () => {
  const rows = [{ name: 'acme', count: 1, note: 'x'.repeat(100) }];
  const lines = tableLines(columns, rows, look(40));
  expect(Math.max(...lines.map(widthOf))).toBe(40);
  expect(lines[1]).toMatch(/^acme {6}1 {2}x+…$/);
});

test('without a terminal nothing is cut', () => {
  const rows = [{ name: 'acme', count: 1, note: 'x'.repeat(1000) }];
  expect(tableLines(columns, rows, look())[1]).toContain('x'.repeat(1000));
});

test('a value cannot break its line or reach the terminal', () => {
  const rows = [{ name: 'a\u001b[2Jb', count: 1, note: 'two\nlines' }];
  const lines = tableLines(columns, rows, look());
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('\u001b');
});

test('styles are put around the padded cell', () => {
  const rows = [{ name: 'a', count: 1, note: '' }];
  const painted: Look = { ...look(), paint: (text, ...styles) => `<${styles.join()}:${text}>` };
  expect(tableLines(columns, rows, painted)[1]).toBe('<red:a   >  <:    1>  <:>');
});

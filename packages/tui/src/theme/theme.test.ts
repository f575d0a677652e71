import { expect, test } from 'vitest';
import { stripVTControlCharacters } from 'node:util';
import { asciiGlyphs } from './glyphs.ts';
import { createTheme } from './theme.ts';

test('without colour nothing is coloured, and the cursor is still seen', () => {
  const { paint } = createTheme({ color: false, ascii: false });
  expect(paint('text', 'red')).toBe('text');
  expect(paint('text', 'inverse')).toBe('\u001b[7mtext\u001b[27m');
  expect(paint('PROTECTED', 'alarm')).toBe('\u001b[7mPROTECTED\u001b[27m');
});

test('styles take no cells', () => {
  const { paint } = createTheme({ color: true, ascii: false });
  expect(stripVTControlCharacters(paint('text', 'red', 'bold', 'inverse'))).toBe('text');
});

test('the ASCII glyphs are ASCII', () => {
  // oxlint-disable-next-line no-control-regex
  expect(Object.values(asciiGlyphs).flat().join('')).toMatch(/^[\x20-\x7e]*$/);
});

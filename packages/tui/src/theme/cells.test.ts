import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { clean, cut, cutStyled, fit, wrap } from './cells.ts';

const anything = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('clean', () => {
  test('takes escape sequences and control characters out of what a tenant or a server says', () => {
    expect(clean('a\u001b[31mred\u001b[0m\u001b]52;c;aGk=\u0007b\u0007c\nd')).toBe('aredb c d');
    expect(clean('name\u202egnp.exe')).toBe('name gnp.exe');
  });
});

describe('fit', () => {
  test('fills exactly the cells it is given, whatever the characters', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(stringWidth(fit(clean(text), width))).toBe(width);
      }),
    );
  });

  test('marks what is left out', () => {
    expect(cut('tenant-00042', 8)).toBe('tenant-…');
    expect(cut('古古古', 4)).toBe('古…');
  });
});

describe('wrap', () => {
  test('breaks at spaces, then behind dashes, and no line is too long', () => {
    expect(wrap('tenant 00000001-0000-4000', 12)).toEqual(['tenant', '00000001-', '0000-4000']);
    expect(wrap('\u{1D158}\u{1D165}\u{1D16E}', 2)).toEqual(['…']);
    fc.assert(
      fc.property(anything, fc.integer({ min: 2, max: 30 }), (text, width) => {
        for (const line of wrap(clean(text), width)) {
          expect(stringWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });
});

describe('cutStyled', () => {
  test('counts cells, not escapes, and leaves no style open', () => {
    const painted = '\u001b[31mFAILED\u001b[39m because of something';
    expect(cutStyled(painted, 10)).toBe('\u001b[31mFAILED\u001b[39m be…\u001b[0m');
    expect(cutStyled(painted, 100)).toBe(painted);
    expect(stringWidth(cutStyled('\u001b[1m古古古古\u001b[22m', 4))).toBeLessThanOrEqual(4);
  });
});

import { cut, cutStyled, fit } from './cells.ts';
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from './glyphs.ts';

/** The terminal's own 16 colours and what every terminal can do without colour. */
export type Style = keyof typeof codes;

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  inverse: [7, 27],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  /** White on red: a protected environment. */
  alarm: ['97;41', '39;49'],
} as const;

const withoutColor: ReadonlySet<Style> = new Set(['bold', 'dim', 'inverse']);

/** How things look: decided once, at start. */
export type Theme = {
  readonly glyphs: Glyphs;
  /** Wraps `text` in styles. Never nest `bold` and `dim`: they end each other. */
  readonly paint: (text: string, ...styles: readonly Style[]) => string;
  readonly cut: (text: string, width: number) => string;
  readonly fit: (text: string, width: number) => string;
  /** As `cut`, for painted text. */
  readonly cutStyled: (text: string, width: number) => string;
};

export type ThemeChoice = { readonly color: boolean; readonly ascii: boolean };

/**
 * The theme writes its escapes itself: the library below would colour although NO_COLOR is set, and would
 * drop `inverse`, and with it the cursor, where colour is off.
 */
export function createTheme({ color, ascii }: ThemeChoice): Theme {
  const glyphs = ascii ? asciiGlyphs : unicodeGlyphs;
  const paint = (text: string, ...styles: readonly Style[]): string => {
    let painted = text;
    for (const style of styles) {
      const applied: Style | undefined =
        color || withoutColor.has(style) ? style : style === 'alarm' ? 'inverse' : undefined;
      if (applied === undefined) continue;
      const [open, close] = codes[applied];
      painted = `\u001b[${open}m${painted}\u001b[${close}m`;
    }
    return painted;
  };
  return {
    glyphs,
    paint,
    cut: (text, width) => cut(text, width, glyphs.ellipsis),
    fit: (text, width) => fit(text, width, glyphs.ellipsis),
    cutStyled: (text, width) => cutStyled(text, width, glyphs.ellipsis),
  };
}

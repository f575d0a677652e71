import type { Frame } from '../store/frame.ts';
import { clean, widthOf } from '../theme/cells.ts';
import type { Style, Theme } from '../theme/theme.ts';

type Part = { readonly text: string; readonly styles?: readonly Style[] };

/** Where one is, how fresh it is, who one is, and whether keys act. A protected environment is red. */
export function headerLine(frame: Frame, theme: Theme, viewOnly: boolean): string {
  const { fleet, freshness, layout } = frame;
  const { paint, fit, glyphs } = theme;
  const { daemon, degraded } = fleet;
  const isProtected = daemon?.protected ?? false;
  const known: Part[][] =
    daemon === null
      ? []
      : [
          [
            { text: clean(daemon.name), styles: ['bold'] },
            ...(isProtected ? [{ text: 'PROTECTED' }] : []),
          ],
        ];
  const live: Part = {
    text: `${freshness.live ? glyphs.live : glyphs.stale} ${freshness.text}`,
    styles: freshness.live ? ['green'] : ['yellow', 'bold'],
  };
  const who = daemon === null ? [] : [[{ text: clean(`${daemon.principal} (${daemon.role})`) }]];
  const mode: Part = viewOnly ? { text: 'RO', styles: ['yellow', 'bold'] } : { text: 'RW' };
  const ill: Part[][] =
    degraded === null ? [] : [[{ text: clean(degraded), styles: ['red', 'bold'] }]];
  const title: Part[] = layout.kind === 'wide' ? [{ text: 'tenantctl', styles: ['dim'] }] : [];
  const [first = [], ...others] = [...known, [live], ...who, [mode], ...ill];
  const groups = [[...title, ...first], ...others];
  const line = (write: (part: Part) => string, rule: string): string =>
    ` ${groups.map((group) => group.map(write).join('  ')).join(rule)}`;
  const rule = ` ${glyphs.rule} `;
  if (isProtected) {
    return paint(
      fit(
        line(({ text }) => text, rule),
        layout.columns,
      ),
      'alarm',
      'bold',
    );
  }
  return line(({ text, styles = [] }) => paint(text, ...styles), paint(rule, 'dim'));
}

/** `left` and `right` at the two ends of a line; `left` gives way. */
export function ends(left: string, right: string, width: number): string {
  const air = width - widthOf(left) - widthOf(right);
  return air < 1 ? left : left + ' '.repeat(air) + right;
}

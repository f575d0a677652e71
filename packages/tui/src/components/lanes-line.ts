import { type Lane, lanes } from '../store/fleet-row.ts';
import type { Frame } from '../store/frame.ts';
import { countText } from '../theme/amounts.ts';
import { widthOf } from '../theme/cells.ts';
import { laneLooks } from '../theme/lane-look.ts';
import type { Theme } from '../theme/theme.ts';

/** How many tenants are in which lane, with the key that shows only those. */
export function lanesLine(frame: Frame, theme: Theme): string {
  const whole = line(frame, theme, true);
  return widthOf(whole) <= frame.layout.columns ? whole : line(frame, theme, false);
}

function line(frame: Frame, { paint, glyphs }: Theme, words: boolean): string {
  const { laneCounts, total, ui, freshness } = frame;
  const lane = (name: Lane, place: number): string => {
    const look = laneLooks[name];
    const count = countText(laneCounts[name]);
    const glyph = glyphs[look.glyph];
    const text = words
      ? ` ${place + 1} ${glyph} ${look.short} ${count.padEnd(3)}`
      : ` ${place + 1} ${glyph}${count} `;
    if (ui.lane === name) return paint(text, 'inverse');
    const quiet = laneCounts[name] === 0 || !freshness.live;
    return paint(text, ...(quiet ? (['dim'] as const) : look.styles));
  };
  const all = ` 0 all ${countText(total)}${words ? '  ' : ' '}`;
  const head = ui.lane === 'all' ? paint(all, 'bold') : paint(all, 'dim');
  return head + lanes.map(lane).join('');
}

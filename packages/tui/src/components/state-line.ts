import type { Frame } from '../store/frame.ts';
import { countOf, countText } from '../theme/amounts.ts';
import { clean } from '../theme/cells.ts';
import { laneLooks } from '../theme/lane-look.ts';
import type { Theme } from '../theme/theme.ts';
import { ends } from './header-line.ts';

/** What the view shows and why its order holds still. */
export function stateLine(frame: Frame, theme: Theme): string {
  const { ui, order, layout } = frame;
  const { paint, glyphs } = theme;
  const { filter, lane, sort, marks, follow } = ui;
  const parts = [
    filter.text === '' ? '' : paint(`filter: ${clean(filter.text)}`, 'cyan'),
    lane === 'all' ? '' : paint(`only ${laneLooks[lane].word}`, 'cyan'),
    `sort ${sort.column} ${sort.inverted ? glyphs.ascending : glyphs.descending}`,
    marks.size === 0 ? '' : paint(`${countText(marks.size)} marked`, 'cyan', 'bold'),
    follow ? paint('following', 'cyan') : '',
    orderText(frame, theme),
    awayText(frame, theme),
  ].filter((part) => part !== '');
  const place = frame.cursorPlace + 1;
  const where = `${countText(place)}/${countText(order.length)} `;
  const line = ` ${parts.join(paint(` ${glyphs.rule} `, 'dim'))}`;
  return ends(line, paint(where, 'dim'), layout.columns);
}

function orderText({ hold, moved }: Frame, { paint, glyphs }: Theme): string {
  const rows =
    moved === 0 ? '' : ` ${glyphs.dot} ${countText(moved)} moved ${glyphs.dot} . re-sort`;
  if (hold === 'hand') return paint(`order held (z)${rows}`, 'yellow');
  return moved === 0 || hold === 'no' ? '' : paint(`order holds still${rows}`, 'yellow');
}

/** The cursor's row has left the screen by sorting: say where it is, act on nothing that is not seen. */
function awayText({ cursorLine, cursorPlace, focus, ui }: Frame, { paint }: Theme): string {
  if (cursorLine !== -1 || focus === null) return '';
  const distance = cursorPlace - ui.cursor.top;
  const side = distance < 0 ? 'above' : 'below';
  const rows = countOf(Math.abs(distance), 'row');
  return paint(`${clean(focus.row.slug)} is ${rows} ${side}, f follows it`, 'yellow');
}

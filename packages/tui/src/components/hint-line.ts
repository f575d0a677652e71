import { type Action, actions, keyText } from '../actions/table.ts';
import type { Frame } from '../store/frame.ts';
import { clean, widthOf } from '../theme/cells.ts';
import type { Theme } from '../theme/theme.ts';

const hinted = actions.filter(({ hint }) => hint !== undefined);
const workHints = hinted.filter(({ kind }) => kind === 'work');
const screenHints = hinted.filter(({ kind }) => kind === 'screen');

/**
 * The keys that do something here. What cannot be done to the row under the cursor is dim but keeps its
 * place; where nothing can be done at all, the work keys are gone.
 */
export function hintLine(frame: Frame, theme: Theme, viewOnly: boolean): string {
  const { freshness, fleet, layout } = frame;
  const { paint, glyphs } = theme;
  if (!freshness.live && fleet.connection.state === 'lost') {
    const why = clean(fleet.connection.error.message);
    return paint(` Actions are off, it is tried again by itself. ${why}.`, 'yellow');
  }
  const work = viewOnly || !freshness.live ? [] : workHints;
  const narrow = layout.kind !== 'wide';
  const air = narrow ? ' ' : '  ';
  const write = (action: Action): string => {
    const key = keyText(action.keys[0] ?? '');
    const word = (narrow ? action.shortHint : undefined) ?? action.hint ?? '';
    return isOpen(action, frame) ? `${paint(key, 'bold')} ${word}` : paint(`${key} ${word}`, 'dim');
  };
  const rule = work.length === 0 ? '' : ` ${paint(glyphs.rule, 'dim')} `;
  const screen = screenHints.map(write);
  const line = (): string => ` ${work.map(write).join(air)}${rule}${screen.join(air)}`;
  // Help, the last one, is always there.
  while (widthOf(line()) > layout.columns && screen.length > 1) screen.splice(-2, 1);
  return line();
}

function isOpen(action: Action, { focus, ui }: Frame): boolean {
  if (action.kind === 'screen' || ui.marks.size > 0) return true;
  if (action.id === 'provision' || action.id === 'migrate-all') return true;
  return focus !== null && action.obstacle(focus.row) === null;
}

import { copies } from '../actions/copying.ts';
import type { TextField } from '../keys/text-field.ts';
import type { Frame } from '../store/frame.ts';
import type { Overlay, Toast } from '../store/ui-state.ts';
import { clean, graphemesOf } from '../theme/cells.ts';
import type { Style, Theme } from '../theme/theme.ts';

const toneStyles: Readonly<Record<Toast['tone'], readonly Style[]>> = {
  done: ['green'],
  note: ['yellow'],
  refused: ['red', 'bold'],
};

/** The last line: a question, a field, or what just happened. */
export function promptLine(frame: Frame, theme: Theme): string {
  const { overlay, toast, notice } = frame.ui;
  const { paint } = theme;
  if (overlay !== null) return overlayLine(overlay, theme);
  if (toast === null) return notice === '' ? '' : ` ${paint(clean(notice), 'cyan')}`;
  return ` ${paint(clean(toast.text), ...toneStyles[toast.tone])}`;
}

function overlayLine(overlay: Overlay, theme: Theme): string {
  const { paint } = theme;
  switch (overlay.kind) {
    case 'confirm': {
      const { confirm } = overlay;
      if (confirm.tier === 'T2') return '';
      const complaint =
        confirm.complaint === null ? '' : `   ${paint(confirm.complaint, 'yellow')}`;
      const left = confirm.facts.filter((fact) => /left out|hidden/.test(fact)).join('; ');
      const more = left === '' ? '' : ` (${left})`;
      return ` ${paint(`${clean(confirm.title)}?`, 'yellow', 'bold')}${more}   ${paint('y', 'bold')} confirm   any other key cancels${complaint}`;
    }
    case 'field': {
      const name = overlay.purpose === 'filter' ? '/' : 'slug of the new tenant: ';
      const complaint =
        overlay.complaint === null ? '' : `   ${paint(clean(overlay.complaint), 'yellow')}`;
      return ` ${paint(name, 'bold')}${fieldText(overlay.field, theme)}${complaint}`;
    }
    case 'copy': {
      const choices = [...copies].map(([key, { what }]) => `${paint(key, 'bold')} ${what}`);
      return ` copy  ${choices.join('  ')}   ${paint('any other key: nothing', 'dim')}`;
    }
  }
}

/** What was typed, with the caret before the character it would write in front of. */
export function fieldText({ text, at }: TextField, { glyphs, paint }: Theme): string {
  const characters = graphemesOf(text);
  const under = characters[at];
  const before = characters.slice(0, at).join('');
  if (under === undefined) return before + glyphs.caret;
  return before + paint(under, 'inverse') + characters.slice(at + 1).join('');
}

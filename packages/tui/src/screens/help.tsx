import { Box } from 'ink';
import type { ReactNode } from 'react';
import { type Action, keyText } from '../actions/table.ts';
import { ends } from '../components/header-line.ts';
import { Line } from '../components/line.tsx';
import { fieldText } from '../components/prompt-line.ts';
import { clean } from '../theme/cells.ts';
import { matchingActions } from './help-entries.ts';
import type { ScreenProps } from './screen-props.ts';

const KEYS = 14;
const LABEL = 46;

/** Every action of the table, found by typing, carried out with Enter. */
export function HelpScreen({
  frame,
  theme,
  height,
}: ScreenProps & { readonly height: number }): ReactNode {
  const { paint } = theme;
  const { query, index } = frame.ui.help;
  const found = matchingActions(query.text);
  const rows = height - 4;
  const top = Math.max(0, Math.min(index - Math.floor(rows / 2), found.length - rows));
  const who = frame.focus === null ? '' : `for ${clean(frame.focus.row.slug)}`;
  const width = frame.layout.columns - 4;
  return (
    <Box flexDirection="column" height={height} paddingX={2}>
      <Line
        text={ends(
          `${paint('HELP', 'bold')}  ${who}`,
          paint('Enter does it  Esc closes', 'dim'),
          width,
        )}
      />
      <Line text={`find: ${fieldText(query, theme)}`} />
      <Line text="" />
      {found.slice(top, top + rows).map((action, place) => (
        <Line key={action.id} text={entry(action, top + place === index, frame, theme)} />
      ))}
      {found.length === 0 ? <Line text={paint('Nothing is called that.', 'dim')} /> : null}
    </Box>
  );
}

function entry(
  action: Action,
  chosen: boolean,
  { focus, layout }: ScreenProps['frame'],
  { paint, fit, glyphs }: ScreenProps['theme'],
): string {
  const keys = fit(action.keys.map(keyText).join(' '), KEYS);
  const cli = action.kind === 'work' ? action.cli(focus?.row ?? null) : '';
  const label = fit(action.label, LABEL);
  const line = `${chosen ? glyphs.cursor : ' '} ${keys}${label}  `;
  const rest = fit(clean(cli), Math.max(0, layout.columns - 4 - KEYS - LABEL - 4));
  if (chosen) return paint(line + rest, 'inverse');
  return `  ${paint(keys, 'bold')}${label}  ${paint(rest, 'dim')}`;
}

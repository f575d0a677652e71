import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Confirm } from '../actions/confirm.ts';
import type { Frame } from '../store/frame.ts';
import { clean, widthOf, wrap } from '../theme/cells.ts';
import type { Theme } from '../theme/theme.ts';
import { Lines } from './line.tsx';
import { fieldText } from './prompt-line.ts';

type Props = { readonly confirm: Confirm; readonly frame: Frame; readonly theme: Theme };

const WIDTH = 64;

/** The dialog of T2: what will happen to how many, and the word that must be typed. */
export function QuestionBox({ confirm, frame, theme }: Props): ReactNode {
  const { columns, rows } = frame.layout;
  const width = Math.min(WIDTH, columns - 4);
  const lines = questionLines(confirm, frame, theme, width - 4);
  const top = Math.max(0, Math.floor((rows - lines.length - 2) / 2));
  const left = Math.floor((columns - width) / 2);
  return (
    <Box
      position="absolute"
      marginTop={top}
      marginLeft={left}
      width={width}
      flexDirection="column"
      borderStyle={theme.glyphs.box}
    >
      <Lines lines={lines.map((line) => padded(` ${line}`, width - 2))} />
    </Box>
  );
}

function questionLines(confirm: Confirm, frame: Frame, theme: Theme, width: number): string[] {
  const { paint } = theme;
  const { daemon } = frame.fleet;
  const where = daemon === null ? '' : ` in ${daemon.name}`;
  const guarded =
    daemon?.protected === true ? [paint('This environment is PROTECTED.', 'red', 'bold')] : [];
  const title = wrap(clean(`${confirm.title}${where}?`), width);
  return [
    ...title.map((line) => paint(line, 'bold')),
    ...guarded,
    '',
    ...confirm.facts.map((line) => theme.cut(clean(line), width)),
    ...(confirm.facts.length === 0 ? [] : ['']),
    `Type ${paint(clean(confirm.word), 'bold')} and Enter: ${fieldText(confirm.field, theme)}`,
    confirm.complaint === null
      ? paint('Esc cancels', 'dim')
      : paint(clean(confirm.complaint), 'yellow'),
  ];
}

const padded = (line: string, width: number): string =>
  line + ' '.repeat(Math.max(0, width - widthOf(line)));

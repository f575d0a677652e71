import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Frame } from '../store/frame.ts';
import type { Theme } from '../theme/theme.ts';
import { Line } from './line.tsx';
import { rowLine } from './row-line.ts';
import { columnsOf } from './table-columns.ts';
import { titleLine } from './title-line.ts';

type Props = {
  readonly frame: Frame;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
};

/** The rows that fit, and only those: the rest of the fleet is never mounted. */
export function Table({ frame, theme, width, height }: Props): ReactNode {
  const columns = columnsOf(width);
  const { visible, cursorLine, label, fleet, freshness } = frame;
  const look = { theme, columns, label, run: fleet.run, stale: !freshness.live };
  return (
    <Box flexDirection="column" height={height + 1}>
      <Line text={titleLine(columns, frame.ui.sort, theme)} />
      {visible.length === 0 ? (
        <Line text={`   ${theme.paint(emptyText(frame), 'dim')}`} />
      ) : (
        visible.map((row, line) => (
          <Line key={row.row.id} text={rowLine(row, line === cursorLine, look)} />
        ))
      )}
    </Box>
  );
}

function emptyText({ fleet, total }: Frame): string {
  if (!fleet.known) return 'Waiting for the daemon';
  if (total === 0) return 'No tenants yet. p creates the first one.';
  return 'No tenant fits this view. Esc widens it.';
}

import { Box } from 'ink';
import type { ReactNode } from 'react';
import { detailLines } from '../components/detail-lines.ts';
import { Lines } from '../components/line.tsx';
import { Table } from '../components/table.tsx';
import type { Layout } from '../store/layout.ts';
import type { ScreenProps } from './screen-props.ts';

type Props = ScreenProps & { readonly layout: Exclude<Layout, { kind: 'too-small' }> };

/** Home: the table of the fleet and, where there is room, the details of the row under the cursor. */
export function FleetScreen({ frame, theme, layout }: Props): ReactNode {
  const { kind, tableWidth, tableRows, paneWidth } = layout;
  const table = <Table frame={frame} theme={theme} width={tableWidth} height={tableRows} />;
  if (kind === 'narrow') return table;
  const height = tableRows + 3;
  const box = { borderStyle: theme.glyphs.box, borderDimColor: true, height } as const;
  const details = detailLines({ frame, theme, width: paneWidth - 2 }).slice(0, height - 2);
  return (
    <Box>
      <Box {...box} width={tableWidth + 2}>
        {table}
      </Box>
      {paneWidth === 0 ? null : (
        <Box {...box} width={paneWidth + 2} paddingX={1} flexDirection="column">
          <Lines lines={details} />
        </Box>
      )}
    </Box>
  );
}

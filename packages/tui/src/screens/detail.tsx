import { Box } from 'ink';
import type { ReactNode } from 'react';
import { detailLines } from '../components/detail-lines.ts';
import { Lines } from '../components/line.tsx';
import type { ScreenProps } from './screen-props.ts';

/** One tenant on the whole screen; long errors scroll. */
export function DetailScreen({
  frame,
  theme,
  height,
}: ScreenProps & { readonly height: number }): ReactNode {
  const { columns } = frame.layout;
  const lines = detailLines({ frame, theme, width: Math.min(columns - 4, 120) });
  const top = Math.max(0, Math.min(frame.ui.detailTop, lines.length - height));
  return (
    <Box flexDirection="column" height={height} paddingX={2}>
      <Lines lines={lines.slice(top, top + height)} />
    </Box>
  );
}

import { Text } from 'ink';
import type { ReactNode } from 'react';

/** One line of the screen, cut at the edge. An empty one keeps its place. */
export function Line({ text }: { readonly text: string }): ReactNode {
  return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
}

/** Lines that are what they are by their place. */
export function Lines({ lines }: { readonly lines: readonly string[] }): ReactNode {
  // oxlint-disable-next-line react/no-array-index-key -- a line has no identity but its place
  return lines.map((line, place) => <Line key={place} text={line} />);
}

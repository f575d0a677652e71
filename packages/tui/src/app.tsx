import { Box } from 'ink';
import { type ReactNode, useInsertionEffect, useSyncExternalStore } from 'react';
import { isViewOnly } from './actions/guard.ts';
import { headerLine } from './components/header-line.ts';
import { hintLine } from './components/hint-line.ts';
import { lanesLine } from './components/lanes-line.ts';
import { Line } from './components/line.tsx';
import { promptLine } from './components/prompt-line.ts';
import { QuestionBox } from './components/question-box.tsx';
import { runLine } from './components/run-line.ts';
import { stateLine } from './components/state-line.ts';
import { DetailScreen } from './screens/detail.tsx';
import { FleetScreen } from './screens/fleet.tsx';
import { HelpScreen } from './screens/help.tsx';
import type { Frame } from './store/frame.ts';
import type { Layout } from './store/layout.ts';
import type { UiStore } from './store/ui-store.ts';
import type { Theme } from './theme/theme.ts';

type Props = {
  readonly ui: UiStore;
  readonly theme: Theme;
  /** Keys look and do not act: `--readonly`, or the role of a viewer. */
  readonly readonly: boolean;
};

/** The whole screen, drawn from one frame. State lives in the stores; nothing is decided in here. */
export function App({ ui, theme, readonly }: Props): ReactNode {
  const frame = useSyncExternalStore(ui.subscribe, ui.getFrame);
  // Of all effects only this one comes before the renderer draws: it draws within the commit.
  useInsertionEffect(() => ui.frameCommitted(frame), [ui, frame]);
  const { layout } = frame;
  if (layout.kind === 'too-small') {
    return <Line text={`terminal too small: ${layout.columns}x${layout.rows}, 60x15 is enough`} />;
  }
  const viewOnly = isViewOnly({ fleet: frame.fleet, readonly });
  const { overlay } = frame.ui;
  const line = (text: string): ReactNode => <Line text={theme.cutStyled(text, layout.columns)} />;
  return (
    <Box flexDirection="column" width="100%" height={layout.rows} overflow="hidden">
      {line(headerLine(frame, theme, viewOnly))}
      {line(lanesLine(frame, theme))}
      {line(runLine(frame, theme))}
      <Screen frame={frame} theme={theme} layout={layout} />
      {line(stateLine(frame, theme))}
      {line(hintLine(frame, theme, viewOnly))}
      {line(promptLine(frame, theme))}
      {overlay?.kind === 'confirm' && overlay.confirm.tier === 'T2' ? (
        <QuestionBox confirm={overlay.confirm} frame={frame} theme={theme} />
      ) : null}
    </Box>
  );
}

type ScreenChoice = {
  readonly frame: Frame;
  readonly theme: Theme;
  readonly layout: Exclude<Layout, { kind: 'too-small' }>;
};

/** Lines that are the same on every screen: header, lanes, run; state, hints, prompt. */
const LINES_AROUND = 6;

function Screen({ frame, theme, layout }: ScreenChoice): ReactNode {
  const height = layout.rows - LINES_AROUND;
  switch (frame.ui.screen) {
    case 'fleet':
      return <FleetScreen frame={frame} theme={theme} layout={layout} />;
    case 'detail':
      return <DetailScreen frame={frame} theme={theme} height={height} />;
    case 'help':
      return <HelpScreen frame={frame} theme={theme} height={height} />;
  }
}

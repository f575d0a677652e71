import { type Instance, render } from 'ink';
import { App } from '../app.tsx';
import type { UiStore } from '../store/ui-store.ts';
import type { Theme } from '../theme/theme.ts';

type Options = {
  readonly ui: UiStore;
  readonly theme: Theme;
  readonly readonly: boolean;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
};

/** The renderer's settings, measured: incremental frames cost the same and write a tenth. */
export function mount({ ui, theme, readonly, stdin, stdout }: Options): Instance {
  return render(<App ui={ui} theme={theme} readonly={readonly} />, {
    stdin,
    stdout,
    // Said outright: with CI set the renderer would draw nothing on a real terminal.
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 60,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: false,
    onRender: () => ui.framePainted(),
  });
}

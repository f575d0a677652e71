import type { DaemonAddress } from '@tenantctl/core/client/daemon-address';
import { DaemonClient } from '@tenantctl/core/client/daemon-client';
import { type FleetStream, openFleetStream } from '@tenantctl/core/client/fleet-stream';
import { Problem } from '@tenantctl/core/domain/errors';
import { daemonCommands } from './actions/daemon-commands.ts';
import { Outcomes } from './actions/outcomes.ts';
import { Dispatcher } from './keys/dispatch.ts';
import { FleetStore } from './store/fleet-store.ts';
import type { Size } from './store/layout.ts';
import { startHeartbeat } from './store/heartbeat.ts';
import { UiStore } from './store/ui-store.ts';
import { listenToKeys } from './term/keyboard.ts';
import { clipboardEscape, enterModes, HOME_AND_CLEAR } from './term/terminal-modes.ts';
import { createTheme } from './theme/theme.ts';

export type TuiOptions = {
  readonly address: DaemonAddress;
  readonly token?: string | undefined;
  /** Nothing is ever sent. */
  readonly readonly: boolean;
  readonly ascii: boolean;
  readonly color: boolean;
  /** Gets a way to leave a line at the bottom of the screen, until the next one. */
  readonly onReady?: (announce: (notice: string) => void) => void;
};

/**
 * Shows the fleet until the operator quits; answers the exit code. Needs a terminal on both sides and throws
 * `INVALID_INPUT` without one. The terminal is as it was before, whatever happened.
 */
export async function runTui(options: TuiOptions): Promise<number> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new Problem('INVALID_INPUT', 'terminal', { more: 'is needed on stdin and stdout' });
  }
  const { address, token, readonly, ascii, color } = options;
  const quit = Promise.withResolvers<number>();
  const fleet = new FleetStore();
  const size = (): Size => ({ columns: stdout.columns, rows: stdout.rows });
  const ui = new UiStore({ fleet, now: () => Date.now(), size: size() });
  await using ends = new AsyncDisposableStack();
  ends.defer(onSignals((code) => quit.resolve(code)));
  const client = new DaemonClient({ address, token, readonly });
  ends.defer(() => client.close());
  const feed = new FleetFeed(fleet, options);
  ends.defer(() => feed.close());
  let redraw = (): void => undefined;
  const dispatcher = new Dispatcher({
    ui,
    commands: daemonCommands(client),
    outcomes: new Outcomes({ fleet, ui }),
    readonly,
    effects: {
      quit: () => quit.resolve(0),
      redraw: () => redraw(),
      resync: () => feed.reopen(),
      copy: (text) => stdout.write(clipboardEscape(text)),
    },
  });
  // Before the renderer is loaded, which takes a moment: no key is echoed meanwhile.
  ends.defer(listenToKeys(stdin, (tokens) => dispatcher.handle(tokens)));
  // oxlint-disable-next-line node/no-process-env -- the renderer's development build costs twice as much
  process.env['NODE_ENV'] ??= 'production';
  const { mount } = await import('./term/mount.tsx');
  ends.defer(enterModes(stdout));
  const resized = (): void => ui.resize(size());
  // Before the renderer's own listener, so that it draws the new layout and never the old one.
  stdout.on('resize', resized);
  ends.defer(() => void stdout.off('resize', resized));
  const screen = mount({ ui, theme: createTheme({ color, ascii }), readonly, stdin, stdout });
  ends.defer(() => screen.unmount());
  screen.waitUntilExit().catch(quit.reject);
  redraw = () => {
    screen.clear();
    stdout.write(HOME_AND_CLEAR);
    ui.redraw();
  };
  ends.defer(startHeartbeat(fleet, ui));
  options.onReady?.((notice) => ui.update({ notice }));
  return await quit.promise;
}

/**
 * Asks to end when the system does; answers how to stop listening. It listens to the end: the renderer has a
 * listener of its own, which kills the process at once where it finds itself alone.
 */
function onSignals(end: (code: number) => void): () => void {
  const terminated = (): void => end(143);
  const hungUp = (): void => end(129);
  process.on('SIGTERM', terminated).on('SIGHUP', hungUp);
  return () => void process.off('SIGTERM', terminated).off('SIGHUP', hungUp);
}

/** The stream into the store, opened again from nothing when asked. */
class FleetFeed {
  readonly #open: () => FleetStream;
  #stream: FleetStream;

  constructor(fleet: FleetStore, { address, token }: TuiOptions) {
    this.#open = () =>
      openFleetStream({
        address,
        token,
        onMessage: (message) => fleet.apply(message, Date.now()),
        onConnection: (connection) => fleet.connected(connection),
      });
    this.#stream = this.#open();
  }

  reopen(): void {
    this.#stream.close();
    this.#stream = this.#open();
  }

  close(): void {
    this.#stream.close();
  }
}

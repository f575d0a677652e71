import type { DaemonAddress } from '@tenantctl/core/client/daemon-address';
import { DaemonClient } from '@tenantctl/core/client/daemon-client';
import { type FleetStream, openFleetStream } from '@tenantctl/core/client/fleet-stream';
import { Problem } from '@tenantctl/core/domain/errors';
import { daemonCommands } from './actions/daemon-commands.ts';
import { Outcomes } from './actions/outcomes.ts';
import { Dispatcher } from './keys/dispatch.ts';
import { FleetStore } from './store/fleet-store.ts';
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
};

const signals = ['SIGTERM', 'SIGHUP'] as const;
const signalNumbers = { SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Shows the fleet until the operator quits; answers the exit code. Needs a terminal on both sides and throws
 * `INVALID_INPUT` without one. The terminal is as it was before, whatever happened.
 */
export async function runTui(options: TuiOptions): Promise<number> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new Problem('INVALID_INPUT', 'terminal', { more: 'is needed on stdin and stdout' });
  }
  // Before the renderer is loaded: its development build costs twice as much.
  // oxlint-disable-next-line node/no-process-env -- libraries read it there
  process.env['NODE_ENV'] ??= 'production';
  const { mount } = await import('./term/mount.tsx');
  const { address, token, readonly, ascii, color } = options;
  const fleet = new FleetStore();
  const now = (): number => Date.now();
  const size = (): { columns: number; rows: number } => ({
    columns: stdout.columns,
    rows: stdout.rows,
  });
  const ui = new UiStore({ fleet, now, size: size() });
  const client = new DaemonClient({ address, token, readonly });
  const stream = new FleetFeed(fleet, options);
  const quit = Promise.withResolvers<number>();
  const end = (signal: (typeof signals)[number]): void => quit.resolve(128 + signalNumbers[signal]);

  const leaveModes = enterModes(stdout);
  const resized = (): void => ui.resize(size());
  // Before the renderer's own listener, so that it draws the new layout and never the old one.
  stdout.on('resize', resized);
  const screen = mount({ ui, theme: createTheme({ color, ascii }), readonly, stdin, stdout });
  const dispatcher = new Dispatcher({
    ui,
    commands: daemonCommands(client),
    outcomes: new Outcomes({ fleet, ui }),
    readonly,
    effects: {
      quit: () => quit.resolve(0),
      redraw: () => {
        screen.clear();
        stdout.write(HOME_AND_CLEAR);
        ui.redraw();
      },
      resync: () => stream.reopen(),
      copy: (text) => stdout.write(clipboardEscape(text)),
    },
  });
  const stopHeartbeat = startHeartbeat(fleet, ui);
  const stopKeys = listenToKeys(stdin, (tokens) => dispatcher.handle(tokens));
  for (const signal of signals) process.once(signal, end);
  screen.waitUntilExit().catch(quit.reject);
  try {
    return await quit.promise;
  } finally {
    for (const signal of signals) process.off(signal, end);
    stdout.off('resize', resized);
    stopKeys();
    stopHeartbeat();
    stream.close();
    client.close();
    screen.unmount();
    leaveModes();
  }
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

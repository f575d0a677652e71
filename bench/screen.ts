import { EventEmitter } from 'node:events';
import type { FleetMessage } from '@tenantctl/core/client/fleet-stream';
import { clockMs } from './clock.ts';

const SIZE = { columns: 160, rows: 45 };

/** The terminal's own stores and renderer, writing to a terminal that is not there. */
export interface Screen extends AsyncDisposable {
  readonly known: boolean;
  show(message: FleetMessage): void;
  /** The change just shown, by its number; it made one tenant more. */
  expect(seq: number): void;
  /** Per change, when the first frame that has it was written: milliseconds since 1970. */
  readonly painted: ReadonlyMap<number, number>;
}

class Output extends EventEmitter {
  readonly isTTY = true;
  readonly columns = SIZE.columns;
  readonly rows = SIZE.rows;
  onWrite: () => void = () => undefined;

  readonly write = (_text: string, done?: (() => void) | string): boolean => {
    // The renderer tells the store of its frame in the same turn, before or after it has written it.
    queueMicrotask(() => this.onWrite());
    if (typeof done === 'function') queueMicrotask(done);
    return true;
  };
}

/** Loads the renderer as `tenantctl` does: its production build. */
export async function openScreen(): Promise<Screen> {
  process.env['NODE_ENV'] ??= 'production';
  const { mount } = await import('@tenantctl/tui/term/mount');
  const { FleetStore } = await import('@tenantctl/tui/store/fleet-store');
  const { startHeartbeat } = await import('@tenantctl/tui/store/heartbeat');
  const { UiStore } = await import('@tenantctl/tui/store/ui-store');
  const { createTheme } = await import('@tenantctl/tui/theme/theme');
  const fleet = new FleetStore();
  const ui = new UiStore({ fleet, now: () => Date.now(), size: SIZE });
  const output = new Output();
  const instance = mount({
    ui,
    theme: createTheme({ color: true, ascii: false }),
    readonly: false,
    stdin: process.stdin,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of one as the renderer uses
    stdout: output as unknown as NodeJS.WriteStream,
  });
  const stop = startHeartbeat(fleet, ui);
  const painted = new Map<number, number>();
  const waiting: { readonly total: number; readonly seq: number }[] = [];
  output.onWrite = () => {
    const now = clockMs();
    while (waiting[0] !== undefined && waiting[0].total <= ui.painted.total) {
      painted.set(waiting[0].seq, now);
      waiting.shift();
    }
  };
  return {
    get known() {
      return fleet.known;
    },
    show: (message) => fleet.apply(message, Date.now()),
    expect: (seq) => void waiting.push({ total: fleet.size, seq }),
    painted,
    [Symbol.asyncDispose]: async () => {
      stop();
      instance.unmount();
    },
  };
}

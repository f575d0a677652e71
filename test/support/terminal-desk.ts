import { Outcomes } from '../../packages/tui/src/actions/outcomes.ts';
import type { Target } from '../../packages/tui/src/actions/confirm.ts';
import type { FleetCommands } from '../../packages/tui/src/actions/fleet-commands.ts';
import { Dispatcher } from '../../packages/tui/src/keys/dispatch.ts';
import { Tokenizer } from '../../packages/tui/src/keys/tokenize.ts';
import { FleetStore } from '../../packages/tui/src/store/fleet-store.ts';
import { UiStore } from '../../packages/tui/src/store/ui-store.ts';
import { Problem } from '@tenantctl/core/domain/errors';
import type { FleetMessage } from '@tenantctl/core/client/fleet-stream';
import { sampleNow } from './sample-fleet.ts';

export type Sent = { readonly action: string; readonly target?: Target; readonly slug?: string };

type Options = {
  readonly columns?: number;
  readonly rows?: number;
  readonly readonly?: boolean;
  /** What the daemon answers; it accepts everything unless told otherwise. */
  readonly answer?: (sent: Sent) => Promise<string>;
};

/** Everything of the terminal but the terminal: stores, keys and actions, with a clock that is set by hand. */
export class TerminalDesk {
  nowMs = sampleNow.getTime();
  readonly fleet = new FleetStore();
  readonly ui: UiStore;
  readonly sent: Sent[] = [];
  readonly copied: string[] = [];
  /** What a lost connection reports. */
  readonly lost = new Problem('DAEMON_UNREACHABLE', 'unix:/tenantd.sock');
  resyncs = 0;
  redraws = 0;
  hasQuit = false;
  readonly #tokenizer = new Tokenizer();
  readonly #dispatcher: Dispatcher;

  constructor({ columns = 120, rows = 36, readonly = false, answer }: Options = {}) {
    this.ui = new UiStore({ fleet: this.fleet, now: () => this.nowMs, size: { columns, rows } });
    this.fleet.connected({ state: 'live', since: new Date(this.nowMs) });
    const send = async (sent: Sent): Promise<string> => {
      this.sent.push(sent);
      return answer === undefined ? 'accepted' : answer(sent);
    };
    const work = (action: string) => (target: Target) => send({ action, target });
    const commands: FleetCommands = {
      retry: work('retry'),
      migrate: work('migrate'),
      suspend: work('suspend'),
      resume: work('resume'),
      provision: work('provision'),
      createTenant: (slug) => send({ action: 'create-tenant', slug }),
      migrateAll: () => send({ action: 'migrate-all' }),
    };
    this.#dispatcher = new Dispatcher({
      ui: this.ui,
      commands,
      outcomes: new Outcomes({ fleet: this.fleet, ui: this.ui }),
      readonly,
      effects: {
        quit: () => (this.hasQuit = true),
        redraw: () => (this.redraws += 1),
        resync: () => (this.resyncs += 1),
        copy: (text) => this.copied.push(text),
      },
    });
  }

  /** A message of the daemon, and the picture after it. */
  receive(...messages: readonly FleetMessage[]): void {
    for (const message of messages) this.fleet.apply(message, this.nowMs);
    this.ui.flush();
    this.paint();
  }

  paint(): void {
    this.ui.frameCommitted(this.ui.frame);
    this.ui.framePainted();
  }

  /** One chunk of input, as a terminal delivers it, without the picture that follows. */
  burst(chunk: string): void {
    this.#dispatcher.handle(this.#tokenizer.push(chunk));
    this.#dispatcher.handle(this.#tokenizer.flush());
  }

  /** Keys one by one, with a picture after each, as a calm hand presses them. */
  press(...chunks: readonly string[]): void {
    for (const chunk of chunks) {
      this.burst(chunk);
      this.paint();
    }
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.ui.tick();
    this.paint();
  }

  /** The slug under the cursor of the last picture. */
  get under(): string | undefined {
    const { painted } = this.ui;
    return painted.visible[painted.cursorLine]?.row.slug;
  }

  get toast(): string {
    return this.ui.state.toast?.text ?? '';
  }
}

import { cursorLine, carry, type Cursor, moveToId, moveToStart } from './cursor.ts';
import type { FleetStore } from './fleet-store.ts';
import { clockOf, type Frame, frameOf, type Hold } from './frame.ts';
import { layoutOf, type Size, tableRowsOf } from './layout.ts';
import { movedRows } from './moved-rows.ts';
import { firstUiState, type Toast, type UiState } from './ui-state.ts';
import { orderOf } from './view.ts';

/** The order holds still for so long after a key. */
export const HOLD_AFTER_KEY_MS = 3000;
/** Without keys rows are sorted again this often, however many of them change. */
const SORT_EVERY_MS = 1000;
/** A cursor that lost its row sends no action for so long. */
const TAKEN_MS = 300;
const TOAST_MS = { done: 5000, note: 4000, refused: 10_000 } as const;

type Needs = { readonly fleet: FleetStore; readonly now: () => number; readonly size: Size };

/**
 * What is on the screen: the operator's state over the fleet's. Keys change it at once; what the daemon
 * tells shows with the next `flush`, the passing of time with the next `tick`. Each makes one frame.
 */
export class UiStore {
  readonly fleet: FleetStore;
  readonly now: () => number;
  readonly #listeners = new Set<() => void>();
  #state: UiState;
  #order: readonly string[] = [];
  #sortedAtMs = -Infinity;
  #lastKeyAtMs = -Infinity;
  #takenAtMs = -Infinity;
  #moved = 0;
  #removalsSeen = 0;
  #frame: Frame;
  #committed: Frame;
  #painted: Frame;

  constructor({ fleet, now, size }: Needs) {
    this.fleet = fleet;
    this.now = now;
    this.#state = firstUiState(size);
    this.#frame = this.#newFrame();
    this.#committed = this.#frame;
    this.#painted = this.#frame;
  }

  get state(): UiState {
    return this.#state;
  }

  /** The picture that should be on the screen. The same object until something changes. */
  readonly getFrame = (): Frame => this.#frame;

  get frame(): Frame {
    return this.#frame;
  }

  /** The picture that is on the screen: what the operator sees. */
  get painted(): Frame {
    return this.#painted;
  }

  /** The cursor has just been moved to a neighbour because its row went away. */
  get cursorWasTaken(): boolean {
    return this.now() - this.#takenAtMs < TAKEN_MS;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The renderer has taken over `frame`; `framePainted` tells when it reached the terminal. */
  frameCommitted(frame: Frame): void {
    this.#committed = frame;
  }

  framePainted(): void {
    this.#painted = this.#committed;
  }

  /** A key was pressed: the order holds still from now on. */
  touch(): void {
    this.#lastKeyAtMs = this.now();
  }

  update(changes: Partial<UiState>): void {
    this.#state = { ...this.#state, ...changes };
    this.#publish();
  }

  /** The same picture once more, for a terminal that shows something else. */
  redraw(): void {
    this.#publish();
  }

  toast(tone: Toast['tone'], text: string): void {
    this.update({ toast: { tone, text, untilMs: this.now() + TOAST_MS[tone] } });
  }

  move(to: (order: readonly string[], cursor: Cursor, height: number) => Cursor): void {
    this.#takenAtMs = -Infinity;
    this.update({ cursor: to(this.#order, this.#state.cursor, this.#height()) });
  }

  /** Another view by the operator's own will: sorted now, the cursor's row kept where there is one. */
  show(changes: Partial<Pick<UiState, 'lane' | 'filter' | 'sort'>>): void {
    this.#state = { ...this.#state, ...changes };
    this.#sort();
    const { cursor } = this.#state;
    // An empty view does not take the cursor away: the next one may have its row again.
    if (this.#order.length === 0) return this.#publish();
    const stays = cursor.id !== null && this.#order.includes(cursor.id);
    this.move((order, from, height) =>
      stays && from.id !== null
        ? moveToId(order, from, from.id, height)
        : moveToStart(order, height),
    );
  }

  /** Sorts now, although the order holds still. */
  resort(): void {
    this.#adopt();
    this.#publish();
  }

  resize(size: Size): void {
    const seen = cursorLine(this.#order, this.#state.cursor, this.#height()) !== -1;
    this.#state = { ...this.#state, size };
    const { cursor } = this.#state;
    const keep = seen && cursor.id !== null;
    this.move((order, from, height) =>
      keep && from.id !== null ? moveToId(order, from, from.id, height) : from,
    );
  }

  /** Shows what the stream brought since the last time. */
  flush(): void {
    this.#sortIfDue();
    this.#publish();
  }

  /** Shows that time has passed, where that can be seen. */
  tick(): void {
    const { toast } = this.#state;
    const now = this.now();
    if (toast !== null && now > toast.untilMs) this.#state = { ...this.#state, toast: null };
    const before = this.#order;
    this.#dropGoneRows();
    this.#sortIfDue();
    const next = this.#newFrame();
    if (before === this.#order && clockOf(next) === clockOf(this.#frame)) return;
    this.#frame = next;
    this.#tell();
  }

  #height(): number {
    return tableRowsOf(layoutOf(this.#state.size, this.#state.paneOpen));
  }

  #hold(): Hold {
    const { overlay, marks, held, screen } = this.#state;
    if (overlay !== null || screen !== 'fleet') return 'question';
    if (held) return 'hand';
    if (marks.size > 0) return 'marks';
    return this.now() - this.#lastKeyAtMs < HOLD_AFTER_KEY_MS ? 'keys' : 'no';
  }

  #wanted(): string[] {
    const { lane, filter, sort } = this.#state;
    return orderOf(this.fleet.rows(), { lane, matches: filter.matches, sort });
  }

  #sortIfDue(): void {
    const first = this.#order.length === 0;
    if (!this.fleet.known || (!first && this.now() - this.#sortedAtMs < SORT_EVERY_MS)) return;
    if (first || this.#hold() === 'no') {
      this.#adopt();
    } else {
      this.#moved = movedRows(this.#order, this.#wanted());
      this.#sortedAtMs = this.now();
    }
  }

  #sort(): void {
    const wanted = this.#wanted();
    const same =
      wanted.length === this.#order.length && wanted.every((id, at) => id === this.#order[at]);
    if (!same) this.#order = wanted;
    this.#moved = 0;
    this.#sortedAtMs = this.now();
  }

  #adopt(): void {
    const before = this.#order;
    this.#sort();
    if (this.#order !== before) this.#carry(before);
  }

  /**
   * Rows that left the fleet leave the screen at once, even while the order holds still. Before every frame:
   * a line that is missing in the middle would put the cursor's bar on another row than its id.
   */
  #dropGoneRows(): void {
    if (this.fleet.removals === this.#removalsSeen) return;
    this.#removalsSeen = this.fleet.removals;
    const before = this.#order;
    const left = before.filter((id) => this.fleet.row(id) !== undefined);
    if (left.length === before.length) return;
    this.#order = left;
    const marks = [...this.#state.marks].filter((id) => this.fleet.row(id) !== undefined);
    if (marks.length !== this.#state.marks.size) {
      this.#state = { ...this.#state, marks: new Set(marks) };
    }
    this.#carry(before);
  }

  #carry(before: readonly string[]): void {
    const { cursor, follow } = this.#state;
    const height = this.#height();
    const carried = carry(before, this.#order, cursor, height);
    const kept = carried.id === cursor.id;
    if (!kept && cursor.id !== null) this.#takenAtMs = this.now();
    const next =
      follow && kept && cursor.id !== null
        ? moveToId(this.#order, cursor, cursor.id, height)
        : carried;
    this.#state = { ...this.#state, cursor: next };
    // The details of one tenant must never turn into those of another.
    if (!kept && this.#state.screen === 'detail') this.#state = { ...this.#state, screen: 'fleet' };
  }

  #newFrame(): Frame {
    return frameOf({
      fleet: this.fleet,
      ui: this.#state,
      order: this.#order,
      hold: this.#hold(),
      moved: this.#moved,
      nowMs: this.now(),
    });
  }

  #publish(): void {
    this.#dropGoneRows();
    this.#frame = this.#newFrame();
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

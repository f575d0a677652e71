import type { Confirm } from '../actions/confirm.ts';
import { emptyField, type TextField } from '../keys/text-field.ts';
import type { Lane } from './fleet-row.ts';
import { type Cursor, noCursor } from './cursor.ts';
import type { Size } from './layout.ts';
import type { Sort, ViewSpec } from './view.ts';

/** What covers the screen's keys: a question, a line to type into, or a choice of what to copy. */
export type Overlay =
  | { readonly kind: 'confirm'; readonly confirm: Confirm }
  | {
      readonly kind: 'field';
      readonly purpose: 'filter' | 'new-tenant';
      readonly field: TextField;
      /** What `esc` brings back. */
      readonly before: string;
      readonly complaint: string | null;
    }
  | { readonly kind: 'copy' };

export type Toast = {
  readonly tone: 'done' | 'note' | 'refused';
  readonly text: string;
  readonly untilMs: number;
};

/** Later screens (plan, run, errors, events) are more names here. */
export type ScreenName = 'fleet' | 'detail' | 'help';

/** Everything the operator set, none of what the daemon told. Replaced, never changed. */
export type UiState = {
  readonly size: Size;
  readonly screen: ScreenName;
  readonly cursor: Cursor;
  readonly marks: ReadonlySet<string>;
  readonly lane: Lane | 'all';
  readonly filter: { readonly text: string; readonly matches: ViewSpec['matches'] };
  readonly sort: Sort;
  readonly paneOpen: boolean;
  /** `z`: the order holds still until it is pressed again. */
  readonly held: boolean;
  /** `f`: the screen goes along when the row under the cursor moves. */
  readonly follow: boolean;
  readonly overlay: Overlay | null;
  readonly toast: Toast | null;
  /** Stands in the last line while nothing else does: what whoever opened the terminal has to say. */
  readonly notice: string;
  readonly help: { readonly query: TextField; readonly index: number };
  readonly detailTop: number;
};

export const firstUiState = (size: Size): UiState => ({
  size,
  screen: 'fleet',
  cursor: noCursor,
  marks: new Set(),
  lane: 'all',
  filter: { text: '', matches: () => true },
  sort: { column: 'status', inverted: false },
  paneOpen: true,
  held: false,
  follow: false,
  overlay: null,
  toast: null,
  notice: '',
  help: { query: emptyField, index: 0 },
  detailTop: 0,
});

import { parseFleetFilter } from '@tenantctl/core/domain/fleet-filter';
import { problemOf } from '@tenantctl/core/domain/errors';
import { emptyField, fieldWith } from '../keys/text-field.ts';
import { moveBy, moveToEnd, moveToStart } from '../store/cursor.ts';
import type { UiStore } from '../store/ui-store.ts';
import { type SortColumn, sortColumns } from '../store/view.ts';
import { laneOfAction, type ScreenActionId } from './table.ts';

/** What a screen can do to the program around it. */
export type Effects = {
  readonly quit: () => void;
  readonly redraw: () => void;
  readonly resync: () => void;
  readonly copy: (text: string) => void;
};

type Needs = { readonly ui: UiStore; readonly effects: Effects };

const moves: Partial<Record<ScreenActionId, (height: number) => number>> = {
  down: () => 1,
  up: () => -1,
  'half-down': (height) => Math.ceil(height / 2),
  'half-up': (height) => -Math.ceil(height / 2),
  'page-down': (height) => height,
  'page-up': (height) => -height,
};

/** Carries out an action that changes only the screen. */
export function runScreenAction(id: ScreenActionId, { ui, effects }: Needs): void {
  if (ui.state.screen === 'detail' && inDetail(id, ui)) return;
  const step = moves[id];
  const lane = laneOfAction(id);
  if (step !== undefined) {
    ui.move((order, cursor, height) => moveBy(order, cursor, step(height), height));
  } else if (lane !== undefined) {
    ui.show({ lane });
  } else {
    handlers[id]?.({ ui, effects });
  }
}

/** Details scroll with the keys that move in the table; what only makes sense there does nothing. */
function inDetail(id: ScreenActionId, ui: UiStore): boolean {
  const { detailTop } = ui.state;
  const step = moves[id];
  if (step !== undefined) {
    ui.update({ detailTop: Math.max(0, detailTop + step(10)) });
    return true;
  }
  if (id === 'start') ui.update({ detailTop: 0 });
  if (id === 'open' || id === 'back' || id === 'quit' || id === 'pane')
    ui.update({ screen: 'fleet' });
  return !['help', 'copy', 'redraw', 'resync'].includes(id);
}

const handlers: Partial<Record<ScreenActionId, (needs: Needs) => void>> = {
  start: ({ ui }) => ui.move((order, _cursor, height) => moveToStart(order, height)),
  end: ({ ui }) => ui.move((order, _cursor, height) => moveToEnd(order, height)),
  mark: ({ ui }) => toggleMark(ui),
  'mark-all': ({ ui }) => ui.update({ marks: new Set([...ui.state.marks, ...ui.frame.order]) }),
  filter: ({ ui }) => openFilter(ui),
  copy: ({ ui }) => ui.frame.focus && ui.update({ overlay: { kind: 'copy' }, toast: null }),
  open: ({ ui }) => open(ui),
  back: ({ ui }) => back(ui),
  pane: ({ ui }) => ui.update({ paneOpen: !ui.state.paneOpen }),
  'sort-left': ({ ui }) => sortBy(ui, -1),
  'sort-right': ({ ui }) => sortBy(ui, 1),
  'sort-invert': ({ ui }) =>
    ui.show({ sort: { ...ui.state.sort, inverted: !ui.state.sort.inverted } }),
  resort: ({ ui }) => ui.resort(),
  hold: ({ ui }) => ui.update({ held: !ui.state.held }),
  follow: ({ ui }) => ui.update({ follow: !ui.state.follow }),
  redraw: ({ effects }) => effects.redraw(),
  resync: ({ effects, ui }) => {
    effects.resync();
    ui.toast('note', 'Asked the daemon for a new snapshot');
  },
  help: ({ ui }) => ui.update({ screen: 'help', help: { query: emptyField, index: 0 } }),
  quit: ({ effects }) => effects.quit(),
};

function toggleMark(ui: UiStore): void {
  const { cursor, marks } = ui.state;
  if (cursor.id === null || ui.frame.cursorLine === -1) return;
  const next = new Set(marks);
  if (!next.delete(cursor.id)) next.add(cursor.id);
  ui.update({ marks: next });
  ui.move((order, from, height) => moveBy(order, from, 1, height));
}

function open(ui: UiStore): void {
  if (ui.frame.focus === null) return;
  const { layout } = ui.frame;
  if (layout.kind === 'wide' && layout.paneWidth === 0) return ui.update({ paneOpen: true });
  ui.update({ screen: 'detail', detailTop: 0 });
}

/** One step back: marks, then the filter, then the lane. */
function back(ui: UiStore): void {
  const { marks, filter, lane } = ui.state;
  if (marks.size > 0) return ui.update({ marks: new Set() });
  if (filter.text !== '') return applyFilter(ui, '');
  if (lane !== 'all') return ui.show({ lane: 'all' });
  ui.update({ toast: null });
}

function sortBy(ui: UiStore, step: 1 | -1): void {
  const at = sortColumns.indexOf(ui.state.sort.column) + step;
  const column: SortColumn | undefined =
    sortColumns[(at + sortColumns.length) % sortColumns.length];
  if (column !== undefined) ui.show({ sort: { column, inverted: false } });
}

function openFilter(ui: UiStore): void {
  const { text } = ui.state.filter;
  const field = fieldWith(text);
  const overlay = {
    kind: 'field',
    purpose: 'filter',
    field,
    before: text,
    complaint: null,
  } as const;
  ui.update({ overlay, toast: null });
}

/** Shows what the filter lets through. Throws `INVALID_INPUT` where it is not of the language. */
export function applyFilter(ui: UiStore, text: string): void {
  const holds = parseFleetFilter(text);
  const matches = (row: { filterable: Parameters<typeof holds>[0] }): boolean =>
    holds(row.filterable, new Date(ui.now()));
  ui.show({ filter: { text, matches } });
}

/** As `applyFilter`; answers the complaint instead of throwing it. */
export function tryFilter(ui: UiStore, text: string): string | null {
  try {
    applyFilter(ui, text);
    return null;
  } catch (error) {
    return problemOf(error).message;
  }
}

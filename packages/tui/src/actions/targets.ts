import type { Frame } from '../store/frame.ts';
import type { UiStore } from '../store/ui-store.ts';
import type { FleetRow } from '../store/fleet-row.ts';
import type { Target } from './confirm.ts';
import type { WorkAction } from './table.ts';

/** The rows an action was meant for, as they were shown. */
export type Aim = {
  readonly rows: readonly FleetRow[];
  /** How many of them cannot be done, and the first reason. */
  readonly leftOut: number;
  readonly reason: string | null;
  /** How many of them the view does not show. */
  readonly hidden: number;
};

export type Missed = { readonly missed: string };

const shownRow = (painted: Frame, id: string): FleetRow | undefined =>
  painted.visible.find(({ row }) => row.id === id)?.row;

/**
 * What the operator aims at: the marked rows, else the row under the cursor or the one whose details are open. A row counts as it stood on the
 * last frame that was painted; where the list has changed since, nobody can have meant it, and it is a miss.
 */
export function aimedRows(ui: UiStore): readonly FleetRow[] | Missed {
  const { frame, painted, state, fleet } = ui;
  const marked = state.marks.size > 0 && state.screen !== 'detail';
  const ids = marked ? [...state.marks] : [state.cursor.id];
  if (!marked) {
    if (state.cursor.id === null) return { missed: 'There is no row here' };
    if (ui.cursorWasTaken)
      return { missed: 'The row under the cursor went away: look, then repeat' };
    if (frame.order !== painted.order)
      return { missed: 'The list has just changed: look, then repeat' };
    if (frame.cursorLine === -1 && state.screen === 'fleet') {
      const slug = fleet.row(state.cursor.id)?.slug ?? '';
      return { missed: `"${slug}" is not on the screen: move to a row, or press f to follow it` };
    }
  }
  return ids.flatMap((id) => {
    if (id === null) return [];
    return shownRow(painted, id) ?? fleet.row(id) ?? [];
  });
}

/** Divides the aimed rows into those the action can do and the rest. */
export function aim(ui: UiStore, action: WorkAction): Aim | Missed {
  const aimed = aimedRows(ui);
  if ('missed' in aimed) return aimed;
  const obstacles = aimed.map((row) => action.obstacle(row));
  const rows = aimed.filter((_, place) => obstacles[place] === null);
  const inView = new Set(ui.frame.order);
  return {
    rows,
    leftOut: aimed.length - rows.length,
    reason: obstacles.find((obstacle) => obstacle !== null) ?? null,
    hidden: rows.filter((row) => !inView.has(row.id)).length,
  };
}

export const targetOf = (row: FleetRow): Target => ({
  id: row.id,
  slug: row.slug,
  revision: row.database?.revision ?? 0,
});

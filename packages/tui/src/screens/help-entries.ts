import { type Action, actions } from '../actions/table.ts';

/** The actions whose label, name or key fits what was typed; all of them for nothing. */
export function matchingActions(query: string): readonly Action[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return actions;
  return actions.filter(
    ({ id, label, keys }) =>
      keys.includes(query.trim()) || `${id} ${label}`.toLowerCase().includes(wanted),
  );
}

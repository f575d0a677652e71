import { type Action, actions } from '../actions/table.ts';

const byKey: ReadonlyMap<string, Action> = new Map(
  actions.flatMap((action) => action.keys.map((key) => [key, action] as const)),
);

/** The action of a key on the fleet's screens. */
export const actionOfKey = (key: string): Action | undefined => byKey.get(key);

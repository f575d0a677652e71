/**
 * Where the operator is: on a row, by id, and how far the table is scrolled. `line` is the line of the
 * table on which the cursor stood last; it tells where to go on when its row has left the screen.
 */
export type Cursor = {
  readonly id: string | null;
  readonly top: number;
  readonly line: number;
};

export const noCursor: Cursor = { id: null, top: 0, line: 0 };

const clamp = (value: number, low: number, high: number): number =>
  Math.max(low, Math.min(value, high));

/** On the row at `index`, scrolled as little as needed. */
function at(ids: readonly string[], index: number, top: number, height: number): Cursor {
  const place = clamp(index, 0, Math.max(0, ids.length - 1));
  const scrolled = clamp(
    clamp(top, place - height + 1, place),
    0,
    Math.max(0, ids.length - height),
  );
  return { id: ids[place] ?? null, top: scrolled, line: place - scrolled };
}

/** The line of the table on which the cursor stands, -1 when its row is not on the screen. */
export function cursorLine(ids: readonly string[], cursor: Cursor, height: number): number {
  if (cursor.id === null) return -1;
  const line = ids.indexOf(cursor.id, cursor.top) - cursor.top;
  return line >= 0 && line < height ? line : -1;
}

/**
 * Moves by `delta` rows. A cursor whose row has left the screen comes back first, to the row that stands
 * where it stood.
 */
export function moveBy(
  ids: readonly string[],
  cursor: Cursor,
  delta: number,
  height: number,
): Cursor {
  const line = cursorLine(ids, cursor, height);
  const from = cursor.top + (line === -1 ? cursor.line : line);
  return at(ids, line === -1 ? from : from + delta, cursor.top, height);
}

export const moveToStart = (ids: readonly string[], height: number): Cursor =>
  at(ids, 0, 0, height);

export const moveToEnd = (ids: readonly string[], height: number): Cursor =>
  at(ids, ids.length - 1, ids.length - height, height);

/** On the row of `id`, on the same line of the screen as before if the list is long enough. */
export function moveToId(
  ids: readonly string[],
  cursor: Cursor,
  id: string,
  height: number,
): Cursor {
  const index = ids.indexOf(id);
  return index === -1 ? cursor : at(ids, index, index - cursor.line, height);
}

/**
 * The cursor after `before` became `after` without a key. It keeps its row; the table keeps its place. A
 * row that is gone gives it to its nearest neighbour below, else above, and only then the id changes.
 */
export function carry(
  before: readonly string[],
  after: readonly string[],
  cursor: Cursor,
  height: number,
): Cursor {
  // An empty view does not take the cursor away: the next one may have its row again.
  if (after.length === 0) return { ...cursor, top: 0 };
  if (cursor.id === null) return moveToStart(after, height);
  const top = clamp(cursor.top, 0, Math.max(0, after.length - height));
  if (after.includes(cursor.id)) {
    const held = { ...cursor, top };
    const line = cursorLine(after, held, height);
    return { ...held, line: line === -1 ? cursor.line : line };
  }
  const left = new Set(after);
  const index = before.indexOf(cursor.id);
  const neighbour =
    before.slice(index + 1).find((id) => left.has(id)) ??
    before.slice(0, Math.max(0, index)).findLast((id) => left.has(id));
  return at(after, neighbour === undefined ? 0 : after.indexOf(neighbour), top, height);
}

/** The length of the longest run of growing numbers in `values`, not necessarily side by side. */
function longestGrowing(values: readonly number[]): number {
  const tails: number[] = [];
  for (const value of values) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tails[middle] ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    tails[low] = value;
  }
  return tails.length;
}

/**
 * How many rows a re-sort would move, bring or take away: the fewest that must be picked up to turn `shown`
 * into `wanted`. One row that goes to the top counts as one, although all others slide.
 */
export function movedRows(shown: readonly string[], wanted: readonly string[]): number {
  const places = new Map(shown.map((id, place) => [id, place]));
  const kept: number[] = [];
  for (const id of wanted) {
    const place = places.get(id);
    if (place !== undefined) kept.push(place);
  }
  const arrived = wanted.length - kept.length;
  const gone = shown.length - kept.length;
  return arrived + gone + (kept.length - longestGrowing(kept));
}

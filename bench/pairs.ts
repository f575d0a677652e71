import { median } from './statistics.ts';

type Side = () => Promise<number>;

export type Pairs = {
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  /** Of the pairs' ratios, for a note. */
  readonly spread: string;
};

/**
 * Measures both sides `count` times, in turn, each pair in the other order than the one before: whatever else the
 * machine does falls on both. The figures are medians, the ratio is the median of the pairs' own ratios.
 */
export async function measurePairs(
  count: number,
  sides: { readonly ours: Side; readonly baseline: Side },
): Promise<Pairs> {
  const pairs: { ours: number; baseline: number }[] = [];
  for (let index = 0; index < count; index += 1) {
    const pair = { ours: 0, baseline: 0 };
    const order =
      index % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const);
    for (const side of order) pair[side] = await sides[side]();
    pairs.push(pair);
  }
  const ratios = pairs.map(({ ours, baseline }) => ours / baseline);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  return {
    ours: median(pairs.map(({ ours }) => ours)),
    baseline: median(pairs.map(({ baseline }) => baseline)),
    ratio: median(ratios),
    spread: `${count} pairs, ratios ${low.toFixed(2)} to ${high.toFixed(2)}`,
  };
}

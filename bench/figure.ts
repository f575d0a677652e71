/** One line of the result. */
export type Figure = {
  readonly bench: string;
  readonly what: string;
  /** Of `ours` and `baseline`. */
  readonly unit: string;
  readonly ours: number;
  /** The bare way, measured alternately with ours; null where the target is an absolute one. */
  readonly baseline: number | null;
  /** The median of the pairs' ratios, ours to baseline; not the ratio of the medians. */
  readonly ratio: number | null;
  /** What the design asks for, in words. */
  readonly target: string;
  readonly met: boolean;
  /** The spread, and what else is worth knowing. */
  readonly notes: readonly string[];
};

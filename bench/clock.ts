/** Milliseconds since 1970 with their fractions, which `Date.now()` cuts off. */
export const clockMs = (): number => performance.timeOrigin + performance.now();

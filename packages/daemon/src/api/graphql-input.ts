/**
 * What a client sent as the argument of a query, without the fields it sent as null: for GraphQL clients null
 * and absent are the same. The schema has checked its shape; the query's own parser checks the rest.
 */
export function withoutNulls<I>(input: I | null | undefined): I {
  return stripped(input ?? {}) as I;
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([name, field]) => [name, stripped(field)]));
}

/** A field's one argument as a client sent it: for GraphQL clients null and absent are the same. */
export type Given<I> = { readonly input?: I | null };

/** The argument, empty when it was left out. What its fields mean is for the command's own parser to say. */
export function inputOf<I>({ input }: Given<I>): I {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the command parses it before anything else
  return (input ?? blank) as I;
}

/** The same without the fields that were sent as null, at any depth. */
export function inputWithoutNulls<I>(given: Given<I>): I {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query parses it before anything else
  return stripped(inputOf(given)) as I;
}

const blank: unknown = {};

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([name, field]) => [name, stripped(field)]));
}

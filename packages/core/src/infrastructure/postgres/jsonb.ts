/**
 * The value as JSON text that PostgreSQL takes as `jsonb`. What it would refuse is left out or replaced: NUL
 * characters, and halves of a character as a cut message may end with. Dates are ISO 8601.
 */
export function jsonb(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '') : part,
  );
}

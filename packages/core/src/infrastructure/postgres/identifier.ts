import { escapeIdentifier } from 'pg';
import { Problem } from '../../domain/errors.ts';

/** NAMEDATALEN - 1: PostgreSQL cuts longer names without an error, so two of them could become one. */
const MAX_BYTES = 63;

/**
 * The name, quoted for use in SQL. Throws `INVALID_INPUT` for what PostgreSQL would change or refuse:
 * nothing, more than 63 bytes, or a NUL.
 */
export function identifier(name: string): string {
  const bytes = Buffer.byteLength(name, 'utf8');
  if (name === '') throw new Problem('INVALID_INPUT', name, { more: 'is no name for PostgreSQL' });
  if (bytes > MAX_BYTES)
    throw new Problem('INVALID_INPUT', name, {
      more: `has ${bytes} bytes; PostgreSQL names have at most ${MAX_BYTES}`,
    });
  if (name.includes('\0')) throw new Problem('INVALID_INPUT', name, { more: 'contains a NUL' });
  return escapeIdentifier(name);
}

import { z } from 'zod';
import type { Problem } from './errors.ts';

/**
 * Why a tenant database could not be provisioned or migrated, as PostgreSQL and the engine tell it.
 * `code` is from the catalogue (errors.ts); `sqlstate` is PostgreSQL's five characters.
 */
export const Failure = z.object({
  code: z.string(),
  message: z.string(),
  sqlstate: z.string().length(5).optional(),
  migration: z.string().optional(),
  /** 1-based, by counting completed commands: most PostgreSQL errors carry no position. */
  statementNumber: z.int().positive().optional(),
  statement: z.string().optional(),
  detail: z.string().optional(),
});
export type Failure = z.infer<typeof Failure>;

/** What differs from tenant to tenant while the cause is the same one. */
const volatile = new RegExp(
  [
    // the name of the database itself, and whatever has a UUID in it
    /(?<=\b(?:database|in|role) )"[^"]*"/,
    /"[^"]*[0-9a-f]{8}-[^"]*"/,
    // a value as PostgreSQL quotes it: 'x', or "x" after a colon or the word
    /'[^']*'/,
    /(?<=: |\bvalue )"[^"]*"/,
    // the detail of a duplicate key: (id)=(7)
    /\([^)]*\)=\([^)]*\)/,
    /\b\d+\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

/** The key by which failures are grouped: SQLSTATE (or code), migration, and the message without its values. */
export function causeOf(failure: Failure): string {
  const what = failure.sqlstate ?? failure.code;
  const message = failure.message.replaceAll(volatile, '…');
  return [what, failure.migration, message].filter(Boolean).join(' · ');
}

/** A problem as it is kept on a record: its code and sentence, and what its facts say about PostgreSQL. */
export function failureOf(problem: Problem): Failure {
  const facts = Failure.partial().safeParse(problem.facts);
  return { ...facts.data, code: problem.code, message: problem.message };
}

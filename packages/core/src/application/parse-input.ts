import { z } from 'zod';
import { Problem, type ErrorCode } from '../domain/errors.ts';

/** What a sender may leave out, or send as null, as GraphQL clients do. */
export function optional<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A text for people: why something was done. At most 500 characters, no NUL, which PostgreSQL refuses. */
export const Reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .refine((text) => !text.includes('\0'), 'must not contain a NUL');

/** Fields whose problem has a code of its own. */
const codeOfField: Readonly<Record<string, ErrorCode>> = { databaseName: 'INVALID_DATABASE_NAME' };

/** What to type instead, where the sentence alone does not say. */
const helpOfField: Readonly<Record<string, string>> = {
  tenantId: 'List tenants with: tenantctl tenant list',
  slug: 'A slug is what people type for a tenant, for example: acme-eu',
};

/**
 * The input as its schema wants it. Throws `INVALID_INPUT` naming the first field that is wrong and what it
 * must be, or the code that the field has of its own; `facts.field` is its path.
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input, { error: sentenceOf, reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = fieldOf(issue);
  const code = codeOfField[field] ?? 'INVALID_INPUT';
  const named = code !== 'INVALID_INPUT' && typeof issue?.input === 'string';
  const help = helpOfField[field];
  throw new Problem(code, named ? shortened(issue.input) : field, {
    more: issue?.message ?? 'is not valid',
    cause: parsed.error,
    facts: { field },
    ...(help !== undefined && { help }),
  });
}

function fieldOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return [...issue.path, issue.keys[0]].join('.');
  return issue === undefined || issue.path.length === 0 ? 'input' : issue.path.join('.');
}

/** Continues the sentence `"field" …`; undefined leaves the message to zod. */
function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be a value of type ${issue.expected}`;
    case 'invalid_value':
      return `is ${printed(issue.input)}; known are ${issue.values.join(', ')}`;
    case 'invalid_format':
      return issue.format === 'uuid'
        ? `is ${printed(issue.input)}, which is not a UUID`
        : undefined;
    case 'too_small':
      return `must be at least ${sized(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `must be at most ${sized(issue.maximum, issue.origin)}`;
    case 'unrecognized_keys':
      return 'is not a field of this input';
    case 'invalid_union':
      return `is ${printed(issue.input)}, which is of the wrong type`;
    default:
      return undefined;
  }
}

function sized(size: number | bigint, origin: string): string {
  const unit = { string: 'character', array: 'value' }[origin];
  if (unit === undefined) return String(size);
  return `${size} ${unit}${size === 1 ? '' : 's'} long`;
}

/** For a sentence: quoted, on one line, and not longer than a line of a terminal. */
function printed(input: unknown): string {
  return input === undefined ? 'missing' : shortened(JSON.stringify(input));
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

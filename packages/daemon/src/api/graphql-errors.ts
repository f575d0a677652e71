import { Problem } from '@tenantctl/core/domain/errors';
import { GraphQLError } from 'graphql';
import type { Log } from '../log.ts';

type Request = { readonly requestId: string; readonly log: Log };

/**
 * An error as clients get it: `extensions` carry code, subject, help and facts of the catalogue. What is not
 * from the catalogue and not the query's own fault is our bug: it goes to the log in full, and the client gets
 * `INTERNAL` with the request id under which it stands there.
 */
export function codedError(error: unknown, { requestId, log }: Request): GraphQLError {
  const original = originalOf(error);
  if (original instanceof Problem && original.kind !== 'bug') return asGraphql(original, error);
  if (original instanceof GraphQLError && original.path === undefined) {
    // Not parsed, not valid, or not a body that GraphQL knows: nothing was executed.
    return asGraphql(new Problem('INVALID_INPUT', 'query'), error, original.message);
  }
  log.error({ requestId, err: original }, 'a request failed');
  const more = `request ${requestId}`;
  return asGraphql(new Problem('INTERNAL', 'tenantd', { more, facts: { requestId } }), error);
}

function originalOf(error: unknown): unknown {
  let original = error;
  while (original instanceof GraphQLError && original.originalError) {
    original = original.originalError;
  }
  return original;
}

function asGraphql(problem: Problem, error: unknown, message = problem.message): GraphQLError {
  const { code, subject, help, facts } = problem;
  const at = error instanceof GraphQLError ? error : undefined;
  const http = at?.extensions.http;
  return new GraphQLError(message, {
    nodes: at?.nodes ?? null,
    source: at?.source ?? null,
    positions: at?.positions ?? null,
    path: at?.path ?? null,
    extensions: { code, subject, help, facts, ...(http !== undefined && { http }) },
  });
}

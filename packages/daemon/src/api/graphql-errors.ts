import { Problem } from '@tenantctl/core/domain/errors';
import type { GraphQLError } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';
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
  if (isGraphqlError(original) && original.path === undefined) {
    // Not parsed, not valid, or not a body that GraphQL knows: nothing was executed.
    const { message } = isGraphqlError(error) ? error : original;
    return asGraphql(new Problem('INVALID_INPUT', 'query'), error, message);
  }
  log.error({ requestId, err: original }, 'a request failed');
  const more = `request ${requestId}`;
  return asGraphql(new Problem('INTERNAL', 'tenantd', { more, facts: { requestId } }), error);
}

function originalOf(error: unknown): unknown {
  let original = error;
  while (isGraphqlError(original) && original.originalError) {
    original = original.originalError;
  }
  return original;
}

/** By name: `graphql` has no `exports`, so a bundler or a test runner may load it twice. */
function isGraphqlError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === 'GraphQLError';
}

function asGraphql(problem: Problem, error: unknown, message = problem.message): GraphQLError {
  const { code, subject, help, facts } = problem;
  const at = isGraphqlError(error) ? error : undefined;
  const http = at?.extensions.http;
  return createGraphQLError(message, {
    nodes: at?.nodes ?? null,
    source: at?.source ?? null,
    positions: at?.positions ?? null,
    path: at?.path ?? null,
    extensions: { code, subject, help, facts, ...(http !== undefined && { http }) },
  });
}

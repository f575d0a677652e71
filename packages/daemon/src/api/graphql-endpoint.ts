import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import type { Log } from '../log.ts';
import { codedError } from './graphql-errors.ts';
import { resolversFor, type RequestContext } from './resolvers.ts';

/** The same file from `src/api` and from `dist/api`. */
const schemaFile = new URL('../../src/api/schema.graphql', import.meta.url);

type Context = RequestContext & { readonly requestId: string };
type Options = Parameters<typeof resolversFor>[0] & {
  readonly log: Log;
  readonly maxBodyBytes: number;
};

/** `POST /graphql` for requests whose sender is known. */
export function graphqlEndpoint({ log, maxBodyBytes, ...options }: Options) {
  const yoga = createYoga<Context>({
    schema: createSchema<Context>({
      typeDefs: readFileSync(schemaFile, 'utf8'),
      resolvers: resolversFor(options),
    }),
    // Limits on depth, aliases and cost have their place in this list.
    plugins: [codedErrors(log)],
    // `codedErrors` masks: it knows the request that an error belongs to.
    maskedErrors: false,
    maxRequestBodySize: maxBodyBytes,
    batching: false,
    multipart: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    logging: false,
  });
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    context: Context,
  ): Promise<void> => {
    await yoga.handle(request, response, context);
  };
}

/** Every answer passes here last, whatever went wrong on the way. */
function codedErrors(log: Log): Plugin<Context, Context> {
  return {
    onResultProcess(payload) {
      const { result, serverContext } = payload;
      if (Array.isArray(result) || Symbol.asyncIterator in result) return;
      if (result.errors === undefined) return;
      const { requestId } = serverContext;
      const errors = result.errors.map((error) => codedError(error, { requestId, log }));
      payload.setResult({ ...result, errors });
    },
  };
}

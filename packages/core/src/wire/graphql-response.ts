import { z } from 'zod';
import { Problem } from '../domain/errors.ts';

const GraphqlError = z.object({
  message: z.string(),
  extensions: z
    .object({
      code: z.string().default('INTERNAL'),
      subject: z.string().nullish(),
      help: z.string().nullish(),
      facts: z.record(z.string(), z.unknown()).nullish(),
    })
    .default({ code: 'INTERNAL' }),
});

/** What `POST /graphql` answers: `errors` carry the catalogue's code, help and facts in `extensions`. */
export const GraphqlResponse = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(GraphqlError).optional(),
});
export type GraphqlResponse = z.infer<typeof GraphqlResponse>;

/** The first error of a response as the problem it was in the daemon; undefined when there is none. */
export function problemInResponse(response: GraphqlResponse): Problem | undefined {
  const [error] = response.errors ?? [];
  if (error === undefined) return undefined;
  const { code, subject, help, facts } = error.extensions;
  return Problem.fromWire({
    code,
    message: error.message,
    subject: subject ?? undefined,
    help: help ?? undefined,
    facts: facts ?? undefined,
  });
}

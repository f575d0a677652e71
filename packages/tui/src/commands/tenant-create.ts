import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

type Options = {
  readonly id?: string;
  readonly name?: string;
  readonly tag: Readonly<Record<string, string>>;
};

/** `tenant create`: a tenant without a database. */
export async function tenantCreate(
  { client, output }: CommandContext,
  slug: string,
  { tag, ...options }: Options,
): Promise<ExitCode> {
  const tags = Object.keys(tag).length > 0 ? { tags: tag } : {};
  const answer = await client.request(createTenant, { input: { slug, ...options, ...tags } });
  output.one(answer, [`${answer.message}: ${slug} (${answer.id})`]);
  return exitCode.done;
}

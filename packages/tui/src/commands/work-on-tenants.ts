import { problemOf } from '@tenantctl/core/domain/errors';
import type { TenantDatabaseStatusEnum } from '@tenantctl/core/domain/tenant-database-status';
import type { MutationResponse } from '@tenantctl/core/wire/graphql-operation';
import { countOf } from '../theme/amounts.ts';
import type { CommandContext } from './context.ts';
import { eachOf } from './each-of.ts';
import type { ExitCode } from './exit-code.ts';
import { tenantIdOf } from './find-tenant.ts';
import { TenantFollower } from './tenant-follower.ts';
import {
  exitCodeFor,
  outcomeLine,
  problemOfFailure,
  refusalOf,
  type Refused,
  type WorkOutcome,
} from './work-outcome.ts';

/** One kind of work that is asked for one tenant at a time. */
export type TenantWork = {
  readonly start: (input: {
    readonly tenantId: string;
    readonly revision?: number;
  }) => Promise<MutationResponse>;
  /** The statuses in which it has succeeded. */
  readonly success: readonly TenantDatabaseStatusEnum[];
};

/** A tenant as it was named, and its id. */
type Named = { readonly name: string; readonly tenantId: string };

type Accepted = Named & { readonly kind: 'waiting'; readonly revision: number };

/** Requests that are under way at once. */
const AT_ONCE = 8;
/** How often a start is repeated when the record moved on between the look and the request. */
const ATTEMPTS = 3;

/** Starts `work` for each tenant (UUID or slug), waits where that is asked for, and prints what became of it. */
export async function workOnTenants(
  context: CommandContext,
  work: TenantWork,
  tenants: readonly string[],
): Promise<ExitCode> {
  const names = [...new Set(tenants)];
  const outcomes = context.wait
    ? await startAndWait(context, work, names)
    : await startOnly(context, work, names);
  if (context.output.format === 'json') {
    const results = outcomes.flatMap(resultOf);
    const [only] = results;
    if (names.length > 1) context.output.one(results, []);
    else if (only !== undefined) context.output.one(only, []);
  }
  return exitCodeFor(outcomes);
}

function startOnly(
  context: CommandContext,
  work: TenantWork,
  names: readonly string[],
): Promise<WorkOutcome[]> {
  return eachOf(names, AT_ONCE, async (tenantId) => {
    const started = work
      .start({ tenantId })
      .then((answer): WorkOutcome => ({ kind: 'accepted', tenant: tenantId, answer }));
    return tell(context, await started.catch((error: unknown) => refusalOf(error, tenantId)));
  });
}

async function startAndWait(
  context: CommandContext,
  work: TenantWork,
  names: readonly string[],
): Promise<WorkOutcome[]> {
  const found = await eachOf(names, AT_ONCE, (name) => find(context, name));
  const unknown = found.filter((one) => 'kind' in one);
  for (const outcome of unknown) tell(context, outcome);
  // A slug and a UUID may name the same tenant.
  const tenants = new Map(found.flatMap((one) => ('kind' in one ? [] : [[one.tenantId, one]])));
  if (tenants.size === 0) return unknown;
  const follower = await TenantFollower.open(context, [...tenants.keys()]);
  try {
    const started = await eachOf([...tenants.values()], AT_ONCE, (tenant) =>
      start(work, follower, tenant).catch((error: unknown) => refusalOf(error, tenant.name)),
    );
    return [...unknown, ...(await allSettled(context, work, follower, started))];
  } finally {
    follower.close();
  }
}

function find(context: CommandContext, name: string): Promise<Named | Refused> {
  return tenantIdOf(context, name).then(
    (tenantId) => ({ name, tenantId }),
    (error: unknown) => refusalOf(error, name),
  );
}

/** Asks for the work at the revision that was seen, so that what ends later is this work and no other. */
async function start(
  work: TenantWork,
  follower: TenantFollower,
  { name, tenantId }: Named,
): Promise<Accepted> {
  for (let attempt = 1; ; attempt += 1) {
    const seen = follower.record(tenantId)?.revision;
    try {
      await work.start({ tenantId, ...(seen !== undefined && { revision: seen }) });
      return { kind: 'waiting', name, tenantId, revision: seen ?? 0 };
    } catch (error) {
      const moved = problemOf(error).code === 'REVISION_CONFLICT';
      if (!moved || attempt === ATTEMPTS) throw error;
      await follower.changed(tenantId, seen ?? 0);
    }
  }
}

async function allSettled(
  context: CommandContext,
  work: TenantWork,
  follower: TenantFollower,
  started: readonly (Accepted | WorkOutcome)[],
): Promise<WorkOutcome[]> {
  const waiting = new Set(started.filter((one) => one.kind === 'waiting'));
  const show = () => context.output.live(waitingText(follower, waiting));
  const clock = setInterval(show, 250);
  show();
  try {
    return await Promise.all(
      started.map(async (one) => {
        if (one.kind !== 'waiting') return tell(context, one);
        const seen = await follower.ended(one.tenantId, one.revision);
        waiting.delete(one);
        const fine =
          seen.change !== 'operation-failed' &&
          seen.change !== 'rolled-back' &&
          work.success.includes(seen.database.status);
        return tell(
          context,
          fine
            ? { kind: 'ended', seen }
            : { kind: 'failed', seen, problem: problemOfFailure(seen) },
        );
      }),
    );
  } finally {
    clearInterval(clock);
  }
}

function waitingText(follower: TenantFollower, waiting: ReadonlySet<Accepted>): string {
  const [first] = waiting;
  if (first === undefined) return '';
  const status = follower.record(first.tenantId)?.status ?? '';
  const more = waiting.size > 1 ? ` and ${countOf(waiting.size - 1, 'other')}` : '';
  return `Waiting for ${first.name} ${status}${more}`;
}

/** Prints an outcome as soon as it is there; a JSON array has to wait for all of them. */
function tell(context: CommandContext, outcome: WorkOutcome): WorkOutcome {
  const { output } = context;
  if (output.format === 'ndjson') for (const result of resultOf(outcome)) output.ndjson(result);
  if (outcome.kind === 'accepted') output.line(`${outcome.tenant}: ${outcome.answer.message}`);
  else if (outcome.kind === 'ended') output.line(outcomeLine(outcome.seen, output.look));
  else output.problem(outcome.problem);
  return outcome;
}

function resultOf(outcome: WorkOutcome): readonly unknown[] {
  if (outcome.kind === 'refused') return [];
  return [outcome.kind === 'accepted' ? outcome.answer : outcome.seen.database];
}

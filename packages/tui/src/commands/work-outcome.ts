import { Problem, problemOf } from '@tenantctl/core/domain/errors';
import type { MutationResponse } from '@tenantctl/core/wire/graphql-operation';
import type { Look } from '../plain/look.ts';
import { statusStyles, statusWord } from '../plain/status-word.ts';
import { clean } from '../theme/cells.ts';
import { type ExitCode, exitCode, exitCodeOf } from './exit-code.ts';
import type { Seen } from './tenant-follower.ts';

/** What became of one tenant: accepted, worked on to an end, or refused before anything began. */
export type WorkOutcome =
  | { readonly kind: 'accepted'; readonly tenant: string; readonly answer: MutationResponse }
  | { readonly kind: 'ended'; readonly seen: Seen }
  | { readonly kind: 'failed'; readonly seen: Seen; readonly problem: Problem }
  | Refused;
export type Refused = { readonly kind: 'refused'; readonly problem: Problem };

/** What would be the same for every other tenant too. */
const concernsAll: ReadonlySet<string> = new Set([
  'DAEMON_UNREACHABLE',
  'SHUTTING_DOWN',
  'MASTER_UNREACHABLE',
  'FORBIDDEN',
  'UNAUTHENTICATED',
]);

/** The refusal that an error is for the tenant `name` alone; throws it when it is one for all. */
export function refusalOf(error: unknown, name: string): Refused {
  const problem = problemOf(error);
  if (concernsAll.has(problem.code)) throw problem;
  return { kind: 'refused', problem: helpingWith(problem, name) };
}

/** The exit code of a command for one tenant or for several. */
export function exitCodeFor(outcomes: readonly WorkOutcome[]): ExitCode {
  const [first] = outcomes;
  const fine = outcomes.every(({ kind }) => kind === 'accepted' || kind === 'ended');
  if (fine || first === undefined) return exitCode.done;
  if (outcomes.length === 1) {
    return first.kind === 'refused' ? exitCodeOf(first.problem) : exitCode.failed;
  }
  return outcomes.every(({ kind }) => kind === 'refused') ? exitCode.refused : exitCode.someFailed;
}

const endedAs: { readonly [C in NonNullable<Seen['change']>]?: string } = {
  provisioned: 'provisioned',
  migrated: 'migrated',
  unchanged: 'nothing to apply',
  suspended: 'suspended',
  resumed: 'resumed',
};

/** `● ACTIVE acme: migrated; database "tenant_acme", schema 20250301_x`. */
export function outcomeLine({ database, change }: Seen, look: Look): string {
  const { status, tenantSlug, databaseName, schemaVersion } = database;
  const word = look.paint(statusWord(status, look.glyphs), ...statusStyles(status));
  const what = (change && endedAs[change]) ?? 'done';
  const schema = `schema ${clean(schemaVersion ?? 'none')}`;
  return `${word} ${tenantSlug}: ${what}; database "${databaseName}", ${schema}`;
}

/** The failure that a record tells of, as the problem it is for whoever asked for the work. */
export function problemOfFailure({ database, change, reason }: Seen): Problem {
  const { failure, tenantSlug, status } = database;
  const tenant = `Tenant "${tenantSlug}"`;
  if (failure === null) {
    const why = change === 'rolled-back' ? 'its migration was rolled back' : reason;
    return Problem.fromWire({
      code: 'MIGRATION_FAILED',
      message: `${tenant} is ${status}: ${why ?? 'the work had no effect'}`,
      help: `Repeat the command, or see: tenantctl get ${tenantSlug}`,
    });
  }
  // A sentence of the catalogue names the migration itself.
  const named = failure.message.includes(`"${failure.migration}"`);
  const place = [
    failure.migration !== undefined && !named && `migration "${failure.migration}"`,
    failure.statementNumber !== undefined && `statement ${failure.statementNumber}`,
  ].filter((part) => part !== false);
  const where = place.length === 0 ? tenant : `${tenant}, ${place.join(', ')}`;
  const sqlstate = failure.sqlstate === undefined ? '' : ` (SQLSTATE ${failure.sqlstate})`;
  const told = { code: failure.code, message: `${where}: ${failure.message}${sqlstate}` };
  const facts = { tenantId: database.tenantId, failure };
  return helpingWith(Problem.fromWire({ ...told, facts }), tenantSlug);
}

/** The problem with a help that can be typed as it stands. */
function helpingWith(problem: Problem, tenant: string): Problem {
  const help = problem.help?.replaceAll('<tenantId>', tenant);
  const { code, message, subject, facts } = problem;
  return Problem.fromWire({ code, message, subject, facts, help });
}

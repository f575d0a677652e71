import { Problem } from '../../domain/errors.ts';
import type { ProvisionTarget } from '../../ports/tenant-provisioner.ts';
import { meaningOf, sqlstateOf } from '../postgres/sqlstate.ts';

/** object_in_use: somebody is connected to the database that is to be copied or renamed. */
const OBJECT_IN_USE = '55006';

/** What an error of provisioning means: itself, a state of the world, a missing right, or a failure. */
export function provisioningProblem(
  error: unknown,
  target: ProvisionTarget,
  role: string,
): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) throw error;
  const sqlstate = sqlstateOf(error);
  const meaning = meaningOf(error);
  if (sqlstate === undefined && meaning === undefined) throw error;
  const options = { cause: error, facts: sqlstate === undefined ? {} : { sqlstate } };
  const said = ` (${error.message})`;
  if (sqlstate === OBJECT_IN_USE)
    return new Problem('LOCK_TIMEOUT', target.databaseName, { ...options, more: said });
  switch (meaning?.code) {
    case 'SERVER_UNREACHABLE':
    case 'TOO_MANY_CONNECTIONS':
      return new Problem(meaning.code, target.server, { ...options, more: said });
    case 'LOCK_TIMEOUT':
      return new Problem(meaning.code, target.databaseName, { ...options, more: said });
    case 'PERMISSION_MISSING':
      return new Problem(meaning.code, role, { ...options, more: error.message });
    default:
      return new Problem('PROVISIONING_FAILED', target.databaseName, {
        ...options,
        more: error.message,
      });
  }
}

import { execFileSync, spawnSync } from 'node:child_process';
import { Problem } from '@tenantctl/core/domain/errors';

/** A user of this machine, as `spawn` takes one. */
export type SystemUser = { readonly uid: number; readonly gid: number };

function userNamed(name: string): SystemUser | undefined {
  const idOf = (flag: '-u' | '-g') =>
    Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
}

/**
 * The user PostgreSQL runs as: nobody else than us (undefined), unless we are root, as whom PostgreSQL
 * refuses to run. Then it is `postgres` or, where there is none, `nobody`. No user is ever created.
 */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = userNamed('postgres') ?? userNamed('nobody');
  if (user) return user;
  throw new Problem('EMBEDDED_POSTGRES_MISSING', 'root', {
    help: 'Start as an ordinary user: there is neither a user "postgres" nor "nobody" to run it as.',
  });
}

/** Runs a program as that user to its end and tells whether it exited with 0. */
export function succeedsAs(
  user: SystemUser | undefined,
  program: string,
  args: readonly string[],
): boolean {
  return spawnSync(program, args, { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

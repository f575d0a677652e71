import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '@tenantctl/core/domain/errors';
import { succeedsAs, type SystemUser } from './system-user.ts';

export const SUPERUSER = 'postgres';

/** Makes `directory` (0700) and gives it to `user`; answers its real path. Throws when `user` cannot reach it. */
export async function ownDirectory(
  directory: string,
  user: SystemUser | undefined,
): Promise<string> {
  await mkdir(path.dirname(directory), { recursive: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const real = await realpath(directory);
  if (!user) return real;
  await chown(real, user.uid, user.gid);
  await chmod(real, 0o700);
  if (succeedsAs(user, 'test', ['-w', real])) return real;
  throw new Problem('EMBEDDED_POSTGRES_DIRECTORY', real, {
    more: `: a folder above it is closed to user id ${user.uid}, as which it runs because we are root`,
    help: 'Choose another --state-dir, such as /var/lib/tenantd, or start as an ordinary user.',
  });
}

/** The password in `file` (0600); a new random one where there is no such file yet. */
export async function keptPassword(file: string, user?: SystemUser): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, `${password}\n`, { mode: 0o600 });
  if (user) await chown(`${file}.new`, user.uid, user.gid);
  await rename(`${file}.new`, file);
  return password;
}

type Initialise = {
  readonly directory: string;
  readonly binaries: string;
  readonly user: SystemUser | undefined;
  readonly fsync: boolean;
};

/**
 * The data directory below `directory`, made by `initdb` when it is new, and the superuser's password.
 * A kill in between leaves nothing that the next start would take for a data directory.
 */
export async function initialisedData({ directory, binaries, user, fsync }: Initialise) {
  const dataDirectory = path.join(directory, 'data');
  const passwordFile = path.join(directory, 'superuser-password');
  const isNew = !existsSync(path.join(dataDirectory, 'PG_VERSION'));
  if (!isNew && !existsSync(passwordFile)) {
    throw new Problem('EMBEDDED_POSTGRES_DIRECTORY', directory, {
      more: ': its file superuser-password is gone',
      help: 'Restore that file (0600), or move the directory away to begin with an empty one.',
    });
  }
  const password = await keptPassword(passwordFile, user);
  if (!isNew) return { dataDirectory, password };

  const staged = `${dataDirectory}.new`;
  await rm(staged, { recursive: true, force: true });
  const args = ['-D', staged, '-U', SUPERUSER, '-A', 'scram-sha-256', '--pwfile', passwordFile];
  // The builtin locale sorts the same on every platform.
  args.push('-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  args.push('--no-instructions', ...(fsync ? [] : ['--no-sync']));
  try {
    const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
    const options = { ...user, cwd: directory, env: environment };
    await promisify(execFile)(path.join(binaries, 'bin/initdb'), args, options);
  } catch (cause) {
    const more = `could not be initialised: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new Problem('EMBEDDED_POSTGRES_FAILED', directory, { more, cause });
  }
  await rename(staged, dataDirectory);
  return { dataDirectory, password };
}

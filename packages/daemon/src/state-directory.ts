import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory, unusable } from './make-directory.ts';

/** What the daemon keeps between its lives. */
export type StateDirectory = {
  readonly path: string;
  /**
   * Who this daemon is, over all its lives: what an earlier life held in the queue is its own. One for each
   * address, because a daemon that listens elsewhere on the same directory is another one, and alive.
   */
  readonly daemonId: string;
};

const SETTING = 'TENANTD_STATE_DIR';

/**
 * Makes the directory when it is missing; whoever may not look inside may still pass through (0711). Throws
 * `CONFIG_INVALID` when this user cannot keep anything there.
 */
export async function openStateDirectory(
  directory: string,
  listen: string,
): Promise<StateDirectory> {
  const absolute = path.resolve(directory);
  await makeDirectory(absolute, { mode: 0o711, setting: SETTING });
  const address = createHash('sha256').update(listen).digest('hex').slice(0, 12);
  const daemonId = await kept(path.join(absolute, `daemon-id-${address}`), randomUUID);
  return { path: absolute, daemonId };
}

/** The encryption key of an embedded installation, made at its first start: `embedded:<base64>`. */
export async function embeddedKey(state: StateDirectory): Promise<string> {
  const file = path.join(state.path, 'encryption-key');
  return kept(file, () => `embedded:${randomBytes(32).toString('base64')}`);
}

/** The content of a file that only we may read; made at first. */
async function kept(file: string, make: () => string): Promise<string> {
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined && found.trim() !== '') return found.trim();
  const made = make();
  await writeFile(file, `${made}\n`, { mode: 0o600 }).catch((cause: unknown) => {
    throw unusable(file, SETTING, cause);
  });
  return made;
}

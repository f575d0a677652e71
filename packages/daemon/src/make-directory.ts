import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from '@tenantctl/core/domain/errors';

/**
 * Makes a directory, and those above it, unless it is there. Throws `CONFIG_INVALID` about `setting` when that
 * cannot be done. Node's own recursion is not used: where a file system lets nobody make anything, as in /proc,
 * it never ends.
 */
export async function makeDirectory(
  directory: string,
  { mode, setting }: { readonly mode: number; readonly setting: string },
): Promise<void> {
  try {
    await makeWithParents(directory, mode);
  } catch (cause) {
    throw unusable(directory, setting, cause);
  }
}

/** What is wrong with a place that a setting names, by what the file system says. */
export function unusable(place: string, setting: string, cause: unknown): Problem {
  return new Problem('CONFIG_INVALID', setting, {
    more: `names "${place}", which cannot be used: ${reasonOf(cause)}`,
    help: 'Choose a place that this user may write to.',
    cause,
  });
}

async function makeWithParents(directory: string, mode: number): Promise<void> {
  if (await isDirectory(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) await makeWithParents(parent, mode);
  await mkdir(directory, { mode }).catch(async (error: unknown) => {
    // Another process was faster by a moment.
    if (!(await isDirectory(directory))) throw error;
  });
}

async function isDirectory(place: string): Promise<boolean> {
  const found = await stat(place).catch(() => undefined);
  return found?.isDirectory() === true;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  EEXIST: 'something that is no directory is in the way',
  ENOTDIR: 'something that is no directory is in the way',
  ENOENT: 'nothing can be made there',
  ENOSPC: 'no space is left there',
};

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return reasons[code] ?? cause.message;
}

import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { embeddedKey, openStateDirectory } from './state-directory.ts';

async function directory(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'state-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

test('a daemon is the same one in its next life, and another one where it listens elsewhere', async () => {
  const state = await directory();
  const first = await openStateDirectory(state, 'unix:/run/a.sock');
  const nextLife = await openStateDirectory(state, 'unix:/run/a.sock');
  const elsewhere = await openStateDirectory(state, 'unix:/run/b.sock');
  expect(nextLife.daemonId).toBe(first.daemonId);
  expect(elsewhere.daemonId).not.toBe(first.daemonId);
});

test('the key of an embedded installation is made once, for its owner only', async () => {
  const state = await openStateDirectory(await directory(), 'unix:/run/a.sock');
  const key = await embeddedKey(state);
  expect(key).toMatch(/^embedded:[A-Za-z0-9+/]{43}=$/);
  expect(await embeddedKey(state)).toBe(key);
  expect((await stat(path.join(state.path, 'encryption-key'))).mode & 0o777).toBe(0o600);
});

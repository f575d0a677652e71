import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantctl } from './support/command-line.ts';
import { eventually } from './support/eventually.ts';
import { startTenantd } from './support/tenantd.ts';

let state: string;

beforeAll(async () => {
  state = await mkdtemp(path.join(os.tmpdir(), 'embedded-'));
  // PostgreSQL runs as another user where we are root.
  await chmod(state, 0o711);
});

afterAll(() => rm(state, { recursive: true, force: true, maxRetries: 5 }));

/** One life of `tenantd serve --embedded`, told where its state is as people type it. */
async function life(during: () => Promise<void>): Promise<void> {
  const daemon = startTenantd(['serve', '--embedded', '--state-dir', path.relative('.', state)]);
  try {
    await eventually(() => expect(daemon.output()).toContain('"ready":true'), {
      timeoutMs: 60_000,
    });
    await during();
  } finally {
    daemon.process.kill('SIGTERM');
  }
  const { code, stdout, stderr } = await daemon.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const levels = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { level: number }).level);
  expect(Math.max(...levels), stdout).toBe(30);
}

test('what it has made is there in its next life, and neither life has a word of warning', async () => {
  const run = (line: string) =>
    tenantctl({ words: line.split(' '), daemon: path.join(state, 'tenantd.sock') });
  await life(async () => {
    expect(await run('tenant create acme')).toMatchObject({ code: 0 });
    expect(await run('provision acme --wait')).toMatchObject({ code: 0 });
  });
  expect(await run('list')).toMatchObject({ code: 4 });
  await life(async () => {
    expect((await run('list')).stdout).toMatch(/● ACTIVE +acme/);
    expect(await run('migrate acme --wait')).toMatchObject({ code: 0 });
  });
});

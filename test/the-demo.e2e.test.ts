import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';

const root = path.resolve(import.meta.dirname, '..');
const newest = '20251117090000_customer_full_name';

let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(path.join(os.tmpdir(), 'demo-'));
  // PostgreSQL runs as another user where we are root.
  await chmod(temporary, 0o711);
});

afterEach(() => rm(temporary, { recursive: true, force: true }));

/** `npm run demo` as a pipe sees it, in a temporary directory of its own. */
function startDemo() {
  const child = spawn(process.execPath, [path.join(root, 'scripts/demo.ts')], {
    cwd: root,
    env: { PATH: process.env['PATH'], TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const side of [child.stdout, child.stderr]) {
    side.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => code ?? signal);
  return { child, ended, said: () => said };
}

/** What is left of it: files, and processes that work there. */
async function traces(): Promise<readonly string[]> {
  const processes = execFileSync('ps', ['-A', '-o', 'args=']).toString().split('\n');
  const running = processes.filter((args) => args.includes(temporary));
  return [...(await readdir(temporary)), ...running];
}

const gone = () =>
  eventually(async () => expect(await traces()).toEqual([]), { timeoutMs: 60_000 });

test('the demo shows eight real failures and their end, and leaves nothing behind', async () => {
  const demo = startDemo();
  expect(await demo.ended, demo.said()).toBe(0);
  const said = demo.said();
  const failures = [...said.matchAll(/^ {2}✗ (\S+) +(\S+) {2}(.+)$/gm)];
  const causes = Object.fromEntries(failures.map(([, slug, code]) => [slug, code]));
  expect(causes).toEqual({
    bluth: '23502',
    chotchkies: '23505',
    globex: '23502',
    hooli: '23505',
    initrode: '23502',
    soylent: '23502',
    umbrella: '55P03',
    wonka: '23505',
  });
  expect(said).toMatch(/run 1 completed-with-failures: 40 done, 8 failed/);
  expect(said).toMatch(/^8 tenants failed\. Removing the causes:$/m);
  expect(said).toMatch(/^The fleet now: 48 of 48 ACTIVE$/m);
  const [, fleet = ''] = said.split('The fleet now:');
  expect(fleet.match(new RegExp(`^  \\S+ +ACTIVE +${newest}$`, 'gm'))).toHaveLength(48);
  await gone();
});

test.each(['SIGHUP', 'SIGKILL'] as const)(
  'a demo ended by %s leaves nothing behind',
  async (signal) => {
    const demo = startDemo();
    await eventually(() => expect(demo.said()).toMatch(/^Provisioning 48/m), { timeoutMs: 60_000 });
    expect(await traces()).not.toEqual([]);
    demo.child.kill(signal);
    expect(await demo.ended).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 130);
    await gone();
  },
);

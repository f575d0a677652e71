/**
 * Runs a file of this repository on the repository's own Node, after installing, generating and building
 * whatever has changed since the last time.
 *
 *     node scripts/run.mjs [--no-build] [file [argument…]]
 *
 * It is the first thing that runs in a fresh clone, so it needs Node 20 and npm, and nothing else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, 'node_modules', '.bin');
const node = path.join(root, 'node_modules', 'node', 'bin', nodeFile());
const env = { ...process.env, PATH: [bin, process.env.PATH].join(path.delimiter) };

/** With what they refer to. The tests are checked by `npm run check` and run from source. */
const programs = ['packages/daemon', 'packages/tui'];

const [first, ...others] = process.argv.slice(2);
const build = first !== '--no-build';
const [file, ...rest] = build ? process.argv.slice(2) : others;

if (!installed()) {
  step('installing what pnpm-lock.yaml names', npx(), [
    '-y',
    'pnpm@12',
    'install',
    '--frozen-lockfile',
  ]);
}
step('generating the Prisma client', node, ['scripts/generate.mjs']);
if (build) step('building', node, ['node_modules/typescript/bin/tsc', '-b', ...programs]);
if (file !== undefined) run(file, rest);

/** pnpm keeps the lockfile it has installed. */
function installed() {
  const kept = path.join(root, 'node_modules', '.pnpm', 'lock.yaml');
  if (!existsSync(kept) || !existsSync(node)) return false;
  return readFileSync(kept).equals(readFileSync(path.join(root, 'pnpm-lock.yaml')));
}

/** Quiet when it goes well; when it fails, everything that it said, and the end. */
function step(what, command, args) {
  if (command === npx()) console.error(`tenantctl: ${what} …`);
  const shell = process.platform === 'win32' && command === npx();
  const done = spawnSync(command, args, { cwd: root, env, shell, encoding: 'utf8' });
  if (done.status === 0) return;
  console.error(`tenantctl: ${what} failed`, done.error?.message ?? '');
  console.error(`${done.stdout ?? ''}${done.stderr ?? ''}`);
  process.exit(1);
}

/** The exit code is the file's; a signal that reaches only this process is passed on. */
function run(entry, args) {
  const child = spawn(node, [entry, ...args], { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the child as well, which decides when to end.
  process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

function nodeFile() {
  return process.platform === 'win32' ? 'node.exe' : 'node';
}

function npx() {
  return process.platform === 'win32' ? 'npx.cmd' : 'npx';
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'packages/daemon/src/main.ts');

/** 32 bytes under the key id `test`, as `TENANTD_ENCRYPTION_KEYS` takes them. */
export const testKey = `test:${Buffer.alloc(32, 7).toString('base64')}`;

type Environment = Readonly<Record<string, string>>;

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `tenantd` to its end, with nothing in its environment but what is given. */
export async function tenantd(words: readonly string[], environment: Environment = {}) {
  const { ended } = startTenantd(words, environment);
  return ended;
}

/** Starts `tenantd`; `output` is what it has said so far on both sides. */
export function startTenantd(words: readonly string[], environment: Environment = {}) {
  const child = spawn(process.execPath, ['--conditions=source', main, ...words], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const dieWithUs = () => child.kill('SIGKILL');
  process.once('exit', dieWithUs);
  let output = '';
  for (const side of [child.stdout, child.stderr]) {
    side.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const ended = said.then(([stdout, stderr, [code, signal]]): Ended => {
    process.off('exit', dieWithUs);
    if (typeof code !== 'number') throw new Error(`tenantd ended by ${signal}: ${stderr}`);
    return { code, stdout, stderr };
  });
  return { process: child satisfies ChildProcess, ended, output: () => output };
}

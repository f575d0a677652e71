import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { DaemonAddress } from '@tenantctl/core/client/daemon-address';
import { DaemonClient } from '@tenantctl/core/client/daemon-client';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'packages/daemon/src/main.ts');
const key = `test:${Buffer.alloc(32, 7).toString('base64')}`;

type Options = {
  readonly masterUrl: string;
  readonly migrations: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to a daemon that is another's next life: the same state, the same socket. */
  readonly stateDirectory?: string;
};

/** `tenantd serve` as a real process, from source. */
export interface TestDaemon extends AsyncDisposable {
  readonly address: DaemonAddress;
  readonly socket: string;
  readonly client: DaemonClient;
  readonly stateDirectory: string;
  readonly process: ChildProcess;
  /** Everything it has logged, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  readonly stderr: () => string;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** SIGTERM, and waits; the state directory goes unless `keepState`. */
  stop(options?: { readonly keepState?: boolean }): Promise<void>;
  /** SIGKILL, and waits; the state directory stays for its next life. */
  kill(): Promise<void>;
}

/** Starts a daemon and waits until it is ready; throws what it said when it ends instead. */
export async function startDaemon(options: Options): Promise<TestDaemon> {
  const stateDirectory =
    options.stateDirectory ?? (await mkdtemp(path.join(os.tmpdir(), 'tenantd-')));
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      main,
      'serve',
      '--state-dir',
      stateDirectory,
      '--migrations',
      options.migrations,
    ],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        MASTER_DATABASE_URL: options.masterUrl,
        TENANTD_ENCRYPTION_KEYS: key,
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const dieWithUs = () => child.kill('SIGKILL');
  process.once('exit', dieWithUs);
  const logged: Record<string, unknown>[] = [];
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
    process.off('exit', dieWithUs);
    return (code ?? signal) as number | string;
  });
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      logged.push(entry);
      if (entry['ready'] === true) resolve();
    });
  });
  const early = exited.then((how) => {
    throw new Error(`tenantd ended (${how}) before it was ready: ${said}${JSON.stringify(logged)}`);
  });
  early.catch(() => undefined);
  await Promise.race([ready, early]);
  const socket = path.join(stateDirectory, 'tenantd.sock');
  const address: DaemonAddress = { kind: 'socket', path: socket };
  const client = new DaemonClient({ address });
  const remove = () => rm(stateDirectory, { recursive: true, force: true });
  const stop: TestDaemon['stop'] = async ({ keepState = false } = {}) => {
    client.close();
    child.kill('SIGTERM');
    await exited;
    if (!keepState) await remove();
  };
  return {
    address,
    socket,
    client,
    stateDirectory,
    process: child,
    logged,
    stderr: () => said,
    exited,
    stop,
    async kill() {
      client.close();
      child.kill('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: () => stop(),
  };
}

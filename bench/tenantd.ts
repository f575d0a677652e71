import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { DaemonAddress } from '@tenantctl/core/client/daemon-address';
import { DaemonClient } from '@tenantctl/core/client/daemon-client';

const main = path.resolve(import.meta.dirname, '../packages/daemon/dist/main.js');
const LINES_KEPT = 200;
const readyLine = /"ready":true/;

export type TenantdOptions = {
  readonly masterUrl: string;
  readonly encryptionKeys: string;
  readonly migrations: string;
  readonly stateDirectory: string;
  readonly lanes: number;
};

/** `tenantd serve` as it is built, in a process of its own. */
export interface Tenantd extends AsyncDisposable {
  readonly address: DaemonAddress;
  readonly client: DaemonClient;
  readonly pid: number;
}

/** Resolves when it is ready; it stops when we do, however we end. */
export async function startTenantd(options: TenantdOptions): Promise<Tenantd> {
  const { stateDirectory, migrations } = options;
  await mkdir(stateDirectory, { recursive: true });
  const flags = ['--state-dir', stateDirectory, '--migrations', migrations, '--until-stdin-ends'];
  const child = spawn(process.execPath, [main, 'serve', ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(options),
    // Ctrl-C in the terminal is for us; the daemon is stopped when we are done with it.
    detached: true,
  });
  const said: string[] = [];
  const keep = (text: string) => {
    said.push(text);
    if (said.length > LINES_KEPT) said.shift();
  };
  child.stderr.on('data', (chunk: Buffer) => keep(chunk.toString()));
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(`${line}\n`);
      if (readyLine.test(line)) resolve();
    });
  });
  const exited = once(child, 'exit');
  const early = exited.then(() => {
    throw new Error(`tenantd did not start:\n${said.join('')}`);
  });
  early.catch(() => undefined);
  await Promise.race([ready, early]);
  const address = { kind: 'socket', path: path.join(stateDirectory, 'tenantd.sock') } as const;
  const client = new DaemonClient({ address });
  return {
    address,
    client,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      client.close();
      child.stdin.end();
      await exited;
    },
  };
}

/** Nothing of our own environment but what Node needs, so that two runs differ in nothing. */
function environment({ masterUrl, encryptionKeys, lanes }: TenantdOptions): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    NODE_OPTIONS: process.env['NODE_OPTIONS'],
    MASTER_DATABASE_URL: masterUrl,
    TENANTD_ENCRYPTION_KEYS: encryptionKeys,
    TENANTD_LANES: String(lanes),
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from './guard.ts';
import { readPidFile } from './stale-postmaster.ts';
import type { SystemUser } from './system-user.ts';

const FAST_SHUTDOWN_MS = 10_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const POLL_MS = 10;

/** One life of a PostgreSQL server. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Resolves to true when it accepts connections, to false when it ended before. */
  ready(): Promise<boolean>;
  /** Fast shutdown; where that takes longer than 10 s an immediate one, then SIGKILL. */
  stop(): Promise<void>;
  /** SIGKILL: the next start has to recover. */
  kill(): Promise<void>;
}

type Launch = {
  readonly binaries: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly user: SystemUser | undefined;
  readonly guard: Guard;
};

function spawnPostgres(launch: Launch): ChildProcess {
  const settings = Object.entries(launch.settings).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const log = openSync(launch.logFile, 'a', 0o600);
  try {
    return spawn(
      path.join(launch.binaries, 'bin/postgres'),
      ['-D', launch.dataDirectory, '-p', String(launch.port), ...settings],
      {
        ...launch.user,
        cwd: launch.dataDirectory,
        // Its own session: Ctrl-C in our terminal would stop it before our own work has ended.
        detached: true,
        // PGPORT and its kin of our own environment are no business of the server.
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', log, log],
      },
    );
  } finally {
    closeSync(log);
  }
}

export function launchPostmaster(launch: Launch): Postmaster {
  const child = spawnPostgres(launch);
  const isRunning = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      launch.guard.watch(undefined);
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  launch.guard.watch(child.pid);
  // A forgotten server must not keep our process alive; the guard then ends it.
  child.unref();
  const signalled = async (signal: NodeJS.Signals, milliseconds: number) => {
    if (!isRunning()) return;
    child.ref();
    child.kill(signal);
    const timer = new AbortController();
    const late = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([exited, late]);
    timer.abort();
  };
  return {
    pid: child.pid ?? 0,
    exited,
    async ready() {
      while (isRunning()) {
        const file = await readPidFile(launch.dataDirectory);
        if (file?.ready === true && file.pid === child.pid) return true;
        await sleep(POLL_MS);
      }
      return false;
    },
    async stop() {
      await signalled('SIGINT', FAST_SHUTDOWN_MS);
      await signalled('SIGQUIT', IMMEDIATE_SHUTDOWN_MS);
      await signalled('SIGKILL', IMMEDIATE_SHUTDOWN_MS);
    },
    kill: () => signalled('SIGKILL', IMMEDIATE_SHUTDOWN_MS),
  };
}

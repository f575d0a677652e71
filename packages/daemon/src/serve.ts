import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { problemOf } from '@tenantctl/core/domain/errors';
import { parseListenAddress } from './api/listen-address.ts';
import { assertNobodyListens } from './api/unix-socket.ts';
import { backoffMs, pause } from './backoff.ts';
import { compose, type Daemon } from './compose.ts';
import type { Config } from './config.ts';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from './embedded-postgres/embedded-postgres.ts';
import { prepareMaster } from './embedded-postgres/prepare-master.ts';
import { openLog, type Log } from './log.ts';
import { requiredSetting } from './required-settings.ts';
import { embeddedKey, openStateDirectory, type StateDirectory } from './state-directory.ts';
import { supervise } from './supervisor.ts';

const limits = { firstMs: 250, maxMs: 5000 };

type Options = {
  readonly embedded: boolean;
  /** SIGTERM and SIGINT, or the end of whoever started us. */
  readonly stop: AbortSignal;
};

/**
 * The life of the daemon: PostgreSQL if it is ours to start, the master database, services, listener; then
 * work until told to stop; then the same backwards. Resolves when everything in hand has ended.
 */
export async function serve(config: Config, { embedded, stop }: Options): Promise<void> {
  const log = openLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const listen = parseListenAddress(config.TENANTD_LISTEN);
  // Asked before anything is started or changed: with the same state, two daemons would pass for one.
  if (listen.kind === 'unix') await assertNobodyListens(listen.path);
  const state = await openStateDirectory(config.TENANTD_STATE_DIR, config.TENANTD_LISTEN);
  const postgres = embedded ? await startPostgres(state, log) : undefined;
  try {
    const masterUrl = await masterUrlOf(config, postgres);
    const encryptionKeys = await encryptionKeysOf(config, state, embedded);
    const start = () =>
      compose({ config, masterUrl, encryptionKeys, daemonId: state.daemonId, log });
    const daemon = await whenMasterAnswers(start, log, stop);
    if (daemon !== undefined) await live(daemon, log, stop);
  } finally {
    await postgres?.stop();
  }
  log.info('stopped');
}

async function live(daemon: Daemon, log: Log, stop: AbortSignal): Promise<void> {
  try {
    const api = await daemon.openApi();
    const running = supervise(daemon.services, { log, signal: stop });
    log.info({ ready: true, address: api.address, pid: process.pid }, 'ready');
    await aborted(stop);
    log.info('stopping: no new commands; work in hand ends');
    await api.close();
    await running;
  } finally {
    await daemon.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A master that is away is waited for, and the log says so; undefined when we are told to stop meanwhile. */
async function whenMasterAnswers(
  start: () => Promise<Daemon>,
  log: Log,
  stop: AbortSignal,
): Promise<Daemon | undefined> {
  for (let attempt = 1; !stop.aborted; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind !== 'world') throw error;
      const retryInMs = backoffMs(attempt, limits);
      log.warn({ code: problem.code, attempt, retryInMs }, `${problem.message}; waiting for it`);
      await pause(retryInMs, stop);
    }
  }
  return undefined;
}

async function startPostgres(state: StateDirectory, log: Log): Promise<EmbeddedPostgres> {
  const directory = path.join(state.path, 'postgres');
  await mkdir(directory, { recursive: true });
  return startEmbeddedPostgres({ directory, log: (line) => log.info(line) });
}

async function masterUrlOf(config: Config, postgres: EmbeddedPostgres | undefined) {
  if (postgres !== undefined) {
    return prepareMaster(postgres.superuserUrl, { directory: postgres.directory });
  }
  return requiredSetting('MASTER_DATABASE_URL', config.MASTER_DATABASE_URL);
}

async function encryptionKeysOf(config: Config, state: StateDirectory, embedded: boolean) {
  const given = config.TENANTD_ENCRYPTION_KEYS;
  if (given === undefined && embedded) return embeddedKey(state);
  return requiredSetting('TENANTD_ENCRYPTION_KEYS', given);
}

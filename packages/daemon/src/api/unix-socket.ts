import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import path from 'node:path';
import { Problem } from '@tenantctl/core/domain/errors';
import { makeDirectory, unusable } from '../make-directory.ts';

const SETTING = 'TENANTD_LISTEN';
const DIRECTORY_MODE = 0o750;
const SOCKET_MODE = 0o660;
const PROBE_TIMEOUT_MS = 2_000;
/** What fits in `sun_path`; Linux has one byte more than macOS has. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Makes the server listen on a Unix socket: its directory is made (0750) if it is missing, the socket is 0660.
 * The socket of a dead daemon is removed. Throws `DAEMON_ALREADY_RUNNING` when a live one listens there, and
 * `CONFIG_INVALID` when the path cannot be a socket.
 */
export async function listenOnUnixSocket(server: Server, socketPath: string): Promise<void> {
  await makeDirectory(path.dirname(socketPath), { mode: DIRECTORY_MODE, setting: SETTING });
  await assertNobodyListens(socketPath);
  await rm(socketPath, { force: true });
  await listening(server, socketPath);
  await chmod(socketPath, SOCKET_MODE);
}

/**
 * Throws `DAEMON_ALREADY_RUNNING` when a live daemon listens on this socket, and `CONFIG_INVALID` when the path
 * cannot be one. Changes nothing.
 */
export async function assertNobodyListens(socketPath: string): Promise<void> {
  if (Buffer.byteLength(socketPath) > MAX_PATH_BYTES) {
    throw new Problem('CONFIG_INVALID', SETTING, {
      more: `names "${socketPath}", which is too long for a socket: at most ${MAX_PATH_BYTES} bytes`,
      help: 'Choose another --listen or --state-dir.',
    });
  }
  const found = await lstat(socketPath).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new Problem('CONFIG_INVALID', SETTING, {
      more: `names "${socketPath}", which exists and is no socket`,
      help: 'Choose another --listen, or remove what is there.',
    });
  }
  if (await answers(socketPath)) throw alreadyRunning(socketPath);
}

/** Does anyone accept connections there? Silence counts as yes: what may be alive is not replaced. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function listening(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      // In use: another daemon was faster by a moment.
      reject(
        error.code === 'EADDRINUSE'
          ? alreadyRunning(socketPath)
          : unusable(socketPath, SETTING, error),
      );
    server.once('error', onError);
    server.listen(socketPath, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function alreadyRunning(socketPath: string): Problem {
  return new Problem('DAEMON_ALREADY_RUNNING', `unix:${socketPath}`);
}

import { connect } from 'node:net';
import { join } from 'node:path';
import { Problem } from '../domain/errors.ts';

/** Where a daemon listens: a Unix socket, or a host and port, with TLS or without. */
export type DaemonAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean };

const CONNECT_TIMEOUT_MS = 2_000;
const hostAndPort =
  /^(?<scheme>https?:\/\/)?(?<host>\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):(?<port>\d{1,5})\/?$/;
const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * `unix:/path`, `/path` or `host:port` (IPv6 in brackets). Beyond loopback a bare `host:port` means TLS,
 * so that a token never travels in the clear; `http://` and `https://` in front say it outright.
 * Throws `INVALID_INPUT`.
 */
export function parseDaemonAddress(text: string): DaemonAddress {
  const path = text.startsWith('unix:') ? text.slice('unix:'.length) : text;
  if (path.startsWith('/')) return { kind: 'socket', path };
  const groups = hostAndPort.exec(text)?.groups;
  const port = Number(groups?.['port']);
  if (groups?.['host'] === undefined || port < 1 || port > 65_535) {
    throw new Problem('INVALID_INPUT', text, {
      more: 'is not an address of a daemon',
      help: 'Write unix:/path/to/tenantd.sock or host:port.',
    });
  }
  const host = groups['host'].replace(/^\[(.*)\]$/, '$1');
  const scheme = groups['scheme'];
  const tls = scheme === undefined ? !loopback.test(host) : scheme === 'https://';
  return { kind: 'tcp', host, port, tls };
}

/** The address as people write it. */
export function nameOfAddress(address: DaemonAddress): string {
  if (address.kind === 'socket') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

type Surroundings = {
  /** What the caller was told, by a flag for example. */
  readonly given?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
};

/**
 * The daemon that is meant: `given`, else `TENANTD_ADDR`, else the first socket that accepts a connection:
 * the user's own state directory's (`TENANTD_STATE_DIR`, `~/.local/state/tenantd`), then the service's.
 * Throws `DAEMON_UNREACHABLE` naming both when neither does.
 */
export async function resolveDaemonAddress(around: Surroundings): Promise<DaemonAddress> {
  const told = around.given ?? around.env['TENANTD_ADDR'];
  if (told !== undefined && told !== '') return parseDaemonAddress(told);
  const own = around.env['TENANTD_STATE_DIR'] || join(around.home, '.local/state/tenantd');
  const candidates = [join(own, 'tenantd.sock'), '/var/lib/tenantd/tenantd.sock'];
  for (const path of candidates) {
    if (await accepts(path)) return { kind: 'socket', path };
  }
  const [first = '', ...others] = candidates.map((path) => `unix:${path}`);
  throw new Problem('DAEMON_UNREACHABLE', first, {
    more: others.map((name) => ` or "${name}"`).join(''),
  });
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: CONNECT_TIMEOUT_MS });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket
      .once('connect', answer(true))
      .once('error', answer(false))
      .once('timeout', answer(false));
  });
}

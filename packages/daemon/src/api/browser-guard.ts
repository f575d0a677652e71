import type { IncomingMessage } from 'node:http';
import { Problem } from '@tenantctl/core/domain/errors';
import { printListenAddress, type ListenAddress } from './listen-address.ts';

/** Headers that browsers send and our clients never do. */
const tellTales = ['origin', 'referer', 'sec-fetch-site'] as const;

/**
 * Refuses what a web page could have sent: a page that the engineer has open must not reach the daemon, not
 * even by a name that was pointed at it (DNS rebinding). There are no CORS headers either, ever.
 */
export function browserGuard(address: ListenAddress): (request: IncomingMessage) => Problem | null {
  const hosts = hostsOf(address);
  return ({ headers }) => {
    const tellTale = tellTales.find((name) => headers[name] !== undefined);
    if (tellTale !== undefined) {
      return new Problem('FORBIDDEN', tellTale, { more: ': requests of browsers are refused' });
    }
    const host = headers.host ?? '';
    if (hosts.has(host.toLowerCase())) return null;
    return new Problem('FORBIDDEN', host, { more: ' as Host: it is not a name of this daemon' });
  };
}

function hostsOf(address: ListenAddress): ReadonlySet<string> {
  if (address.kind === 'unix') return new Set(['', 'localhost', 'tenantd']);
  const { port } = address;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}:${port}`);
  return new Set([...loopback, printListenAddress(address).toLowerCase()]);
}

import type { IncomingMessage } from 'node:http';
import type { Principal } from '@tenantctl/core/ports/tenant-database-write-repository';
import type { ListenAddress } from './listen-address.ts';

/** Who sends this? By the token that came along; null when it is nobody we know. */
export type Authenticate = (token: string | undefined) => Promise<Principal | null>;

/** On a Unix socket the file's permission is the gate: whoever opened it is an admin. */
const unixPrincipal: Principal = { name: 'unix', role: 'admin' };

/** Without anyone to ask for tokens, a TCP listener knows nobody. */
export function defaultAuthenticate(address: ListenAddress): Authenticate {
  return async () => (address.kind === 'unix' ? unixPrincipal : null);
}

/** The token of `Authorization: Bearer <token>`. */
export function bearerToken({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

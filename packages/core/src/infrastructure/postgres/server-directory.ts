import type { ConnectionUrl } from '../secrets/connection-url.ts';
import type { Secret } from '../secrets/secret.ts';

/** What has to be known of a PostgreSQL server to work on it. */
export type ServerRecord = {
  /** The provisioner's URL, direct and not through a pooler. Null: the master's own server. */
  readonly adminUrl: ConnectionUrl | null;
  /** Of `tenantctl_owner`; null until the server's roles are made. */
  readonly ownerPassword: Secret | null;
};

/** The servers that hold tenant databases, by name. `default` is the master's own. */
export interface ServerDirectory {
  find(name: string): Promise<ServerRecord | null>;
  /** Throws `SERVER_NOT_FOUND`. */
  saveOwnerPassword(name: string, password: Secret): Promise<void>;
}

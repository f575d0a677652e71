import type { Secret } from '../secrets/secret.ts';

/** The passwords of the tenants' logins, encrypted at rest. */
export interface CredentialStore {
  /**
   * The password of this record's login. When there is none, a new one is stored first; of two callers at once
   * both get the one that was stored. Throws `TENANT_DATABASE_NOT_FOUND`.
   */
  rolePassword(recordId: string): Promise<Secret>;
}

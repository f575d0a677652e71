import { Problem } from '../../domain/errors.ts';
import type { CredentialStore } from '../provisioning/credential-store.ts';
import type { SecretBox, SecretPlace } from '../secrets/secret-box.ts';
import { Secret } from '../secrets/secret.ts';
import type { PrismaClient } from './generated/client.ts';
import { asMasterProblem } from './prisma-errors.ts';

type Needs = { readonly prisma: PrismaClient; readonly box: SecretBox };

/** Where the secrets of a tenant database are sealed for. */
export const tenantSecret = (
  recordId: string,
  column: 'rolePassword' | 'databaseUrl',
): SecretPlace => ({ table: 'TenantDatabase', recordId, column });

/** The column `TenantDatabase.rolePassword`, encrypted. */
export class PrismaCredentialStore implements CredentialStore {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Throws `SECRET_UNREADABLE`, `MASTER_UNREACHABLE`, `TENANT_DATABASE_NOT_FOUND`. */
  async rolePassword(recordId: string): Promise<Secret> {
    const { prisma, box } = this.#needs;
    const place = tenantSecret(recordId, 'rolePassword');
    const stored = await this.#read(recordId);
    if (stored !== null) return box.open(place, stored);
    const password = Secret.generate();
    // Raw, because Prisma would move updatedAt, and nothing that anyone sees has changed.
    const sealed = box.seal(place, password);
    const count = await prisma.$executeRaw`
      update "TenantDatabase" set "rolePassword" = ${sealed}
       where id = ${recordId}::uuid and "rolePassword" is null`.catch(asMasterProblem);
    // Somebody else was first: theirs is the password.
    return count === 1 ? password : this.rolePassword(recordId);
  }

  async #read(id: string): Promise<string | null> {
    const row = await this.#needs.prisma.tenantDatabase
      .findUnique({ where: { id }, select: { rolePassword: true } })
      .catch(asMasterProblem);
    if (row === null) throw new Problem('TENANT_DATABASE_NOT_FOUND', id);
    return row.rolePassword;
  }
}

import { Problem } from '../../domain/errors.ts';
import type { ServerDirectory, ServerRecord } from '../postgres/server-directory.ts';
import { ConnectionUrl } from '../secrets/connection-url.ts';
import type { SecretBox, SecretPlace } from '../secrets/secret-box.ts';
import type { Secret } from '../secrets/secret.ts';
import type { PrismaClient } from './generated/client.ts';
import { asMasterProblem } from './prisma-errors.ts';

type Needs = { readonly prisma: PrismaClient; readonly box: SecretBox };

/** Where the secrets of a server are sealed for. */
export const serverSecret = (name: string, column: 'adminUrl' | 'ownerPassword'): SecretPlace => ({
  table: 'DatabaseServer',
  recordId: name,
  column,
});

/** The table `DatabaseServer`, its URL and password encrypted. */
export class PrismaServerDirectory implements ServerDirectory {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Throws `SECRET_UNREADABLE`, `MASTER_UNREACHABLE`. */
  async find(name: string): Promise<ServerRecord | null> {
    const { prisma, box } = this.#needs;
    const row = await prisma.databaseServer
      .findUnique({ where: { name }, select: { adminUrl: true, ownerPassword: true } })
      .catch(asMasterProblem);
    if (row === null) return null;
    const open = (column: 'adminUrl' | 'ownerPassword'): Secret | null => {
      const sealed = row[column];
      return sealed === null ? null : box.open(serverSecret(name, column), sealed);
    };
    const adminUrl = open('adminUrl');
    return {
      adminUrl:
        adminUrl === null ? null : ConnectionUrl.parse(adminUrl.reveal(), `adminUrl of ${name}`),
      ownerPassword: open('ownerPassword'),
    };
  }

  async saveOwnerPassword(name: string, password: Secret): Promise<void> {
    const { prisma, box } = this.#needs;
    const { count } = await prisma.databaseServer
      .updateMany({
        where: { name },
        data: { ownerPassword: box.seal(serverSecret(name, 'ownerPassword'), password) },
      })
      .catch(asMasterProblem);
    if (count === 0) throw new Problem('SERVER_NOT_FOUND', name);
  }
}

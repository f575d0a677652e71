import type { DaemonRegistry } from '../../ports/daemon-registry.ts';
import type { PrismaClient } from './generated/client.ts';
import { asMasterProblem } from './prisma-errors.ts';

/** As long as a lane's lease: after it a daemon's lanes are handed out again anyway. */
const GONE_AFTER_S = 10;
/** Long gone ones are forgotten. */
const FORGOTTEN_AFTER_S = 86_400;

type Needs = { readonly prisma: PrismaClient; readonly daemonId: string };

/** The table `DaemonInstance`. */
export class DaemonPrismaRegistry implements DaemonRegistry {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async beat(): Promise<number> {
    const { prisma, daemonId } = this.#needs;
    const rows = await prisma.$queryRaw<{ others: number }[]>`
      with me as (
        insert into "DaemonInstance" (id, "startedAt", "seenAt") values (${daemonId}::uuid, now(), now())
        on conflict (id) do update set "seenAt" = now()
      ), forgotten as (
        delete from "DaemonInstance" where "seenAt" < now() - make_interval(secs => ${FORGOTTEN_AFTER_S}::int)
      )
      select count(*)::int as others from "DaemonInstance"
      where id <> ${daemonId}::uuid and "seenAt" > now() - make_interval(secs => ${GONE_AFTER_S}::int)`.catch(
      asMasterProblem,
    );
    return (rows[0]?.others ?? 0) + 1;
  }

  async leave(): Promise<void> {
    const { prisma, daemonId } = this.#needs;
    await prisma.$executeRaw`delete from "DaemonInstance" where id = ${daemonId}::uuid`.catch(
      asMasterProblem,
    );
  }
}

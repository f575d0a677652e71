import type { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { crashPoint } from '../../ports/crash-point.ts';
import type { ProvisionTarget, TenantProvisioner } from '../../ports/tenant-provisioner.ts';
import { closeSession } from '../postgres/close-session.ts';
import { applicationNameOf } from '../migrations/folder-migrator.ts';
import type { Migration } from '../migrations/migration-folder.ts';
import { withAdvisoryLock } from '../postgres/advisory-lock.ts';
import type { ServerAccess } from '../postgres/server-access.ts';
import type { ServerDirectory } from '../postgres/server-directory.ts';
import { scramVerifier } from '../secrets/scram-verifier.ts';
import type { CredentialStore } from './credential-store.ts';
import { provisioningProblem } from './provisioning-problem.ts';
import { ensureServerRoles } from './server-roles.ts';
import { endDatabaseSessions, endWorkSessions } from './sessions.ts';
import { ensureTemplate } from './template.ts';
import * as steps from './tenant-database-steps.ts';

type Needs = {
  readonly access: ServerAccess;
  readonly directory: ServerDirectory;
  readonly credentials: CredentialStore;
  /** What a new database is to hold; asked each time, so that it is the folder's present content. */
  readonly migrations: () => Promise<readonly Migration[]>;
};

/** How long a record's lock is waited for: its last holder's session has just been ended. */
const LOCK_WAIT_MS = 15_000;
/** How often a template may be dropped under our hands before that is a failure. */
const CLONE_TRIES = 3;

/** Tenants' databases on PostgreSQL servers, by a login that has CREATEDB and CREATEROLE and is no superuser. */
export class PostgresTenantProvisioner implements TenantProvisioner {
  readonly #needs: Needs;
  readonly #prepared = new Map<string, Promise<void>>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async provision(target: ProvisionTarget): Promise<{ readonly schemaVersion: string | null }> {
    return this.#alone(target, async (client) => {
      await this.#prepare(target.server, client);
      if (await steps.isThere(client, target)) return this.#finish(client, target);
      await this.#login(client, target);
      const schemaVersion = await this.#clone(client, target);
      await steps.shutOutPublic(client, target);
      crashPoint('prov.public_revoked');
      await steps.markAndGrant(client, target);
      crashPoint('prov.marked');
      await steps.giveName(client, target);
      crashPoint('prov.renamed');
      await steps.setAllowConnections(client, target.databaseName, true);
      return { schemaVersion };
    });
  }

  async suspend(target: ProvisionTarget): Promise<void> {
    await this.#alone(target, async (client) => {
      await steps.assertOurs(client, target);
      await steps.setAllowConnections(client, target.databaseName, false);
      await endDatabaseSessions(client, target.databaseName);
    });
  }

  async resume(target: ProvisionTarget): Promise<void> {
    await this.#alone(target, async (client) => {
      await steps.assertOurs(client, target);
      await steps.setAllowConnections(client, target.databaseName, true);
    });
  }

  /** The database has its name already: an earlier attempt came this far, so what is missing is little. */
  async #finish(client: Client, target: ProvisionTarget) {
    await this.#login(client, target);
    await steps.markAndGrant(client, target, target.databaseName);
    await steps.setAllowConnections(client, target.databaseName, true);
    return { schemaVersion: await this.#versionOf(target) };
  }

  async #login(client: Client, { id }: ProvisionTarget): Promise<void> {
    const password = await this.#needs.credentials.rolePassword(id);
    crashPoint('prov.secret_stored');
    await steps.ensureLogin(client, id, await scramVerifier(password));
    crashPoint('prov.role_created');
  }

  /** Copies the template; another daemon may retire it between the look and the copy. */
  async #clone(client: Client, target: ProvisionTarget): Promise<string | null> {
    const { access } = this.#needs;
    const { server, workId } = target;
    const migrations = await this.#needs.migrations();
    const build = {
      access,
      server,
      client,
      migrations,
      applicationName: applicationNameOf(workId),
    };
    for (let attempt = 1; ; attempt += 1) {
      const { name, schemaVersion } = await ensureTemplate(build);
      if (await steps.cloneTemplate(client, target, name)) {
        crashPoint('prov.db_created');
        return schemaVersion;
      }
      if (attempt === CLONE_TRIES)
        throw new Problem('PROVISIONING_FAILED', target.databaseName, {
          more: `its template "${name}" is dropped again and again`,
        });
    }
  }

  async #versionOf({ server, databaseName, workId }: ProvisionTarget): Promise<string | null> {
    const client = await this.#needs.access.owner(server, databaseName, {
      applicationName: applicationNameOf(workId),
    });
    try {
      return await steps.schemaVersion(client);
    } finally {
      await closeSession(client);
    }
  }

  /** Once per server and process; several operations at once wait for the same. */
  #prepare(server: string, client: Client): Promise<void> {
    const known = this.#prepared.get(server);
    if (known !== undefined) return known;
    const preparing = ensureServerRoles(this.#needs, server, client);
    this.#prepared.set(server, preparing);
    preparing.catch(() => this.#prepared.delete(server));
    return preparing;
  }

  /**
   * Works in a session of its own, after the sessions that an earlier holder of the same work may still have
   * are ended, and holding the record's lock: whoever was stopped and wakes up cannot go on.
   */
  async #alone<T>(target: ProvisionTarget, work: (client: Client) => Promise<T>): Promise<T> {
    const { id, server, databaseName, workId } = target;
    const options = { applicationName: applicationNameOf(workId) };
    const client = await this.#needs.access.admin(server, options);
    try {
      await endWorkSessions(client, options.applicationName);
      const lock = { subject: databaseName, waitMs: LOCK_WAIT_MS };
      return await withAdvisoryLock(client, id, lock, () => work(client));
    } catch (error) {
      throw provisioningProblem(error, target, client.user ?? 'the provisioner');
    } finally {
      await closeSession(client);
    }
  }
}

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpRequest, type GraphqlAnswer } from '../../../../test/support/api-world.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../test/support/postgres.ts';
import { compose, type Daemon } from '../compose.ts';
import { readSettings } from '../config.ts';
import { supervise } from '../supervisor.ts';
import type { Api } from './server.ts';

// The examples of the specification ("GraphQL API", "Examples"), against a whole daemon: the documents are
// the specification's, only the ids are real ones.

let postgres: TestPostgres;
let directory: string;
let socket: string;
let daemon: Daemon;
let api: Api;
const stop = new AbortController();
let running: Promise<void>;

beforeAll(async () => {
  postgres = await startTestPostgres();
  directory = await mkdtemp(path.join(os.tmpdir(), 'tenantd-spec-'));
  socket = path.join(directory, 'tenantd.sock');
  const migrations = path.resolve(import.meta.dirname, '../../../../prisma/tenant/migrations');
  const { config } = readSettings({
    flags: {
      TENANTD_STATE_DIR: directory,
      TENANTD_LISTEN: `unix:${socket}`,
      TENANTD_MIGRATIONS_DIR: migrations,
    },
    environment: {},
  });
  const log = pino({ level: 'silent' });
  daemon = await compose({
    config,
    masterUrl: postgres.masterUrl,
    encryptionKeys: `test:${randomBytes(32).toString('base64')}`,
    daemonId: randomUUID(),
    log,
  });
  api = await daemon.openApi();
  running = supervise(daemon.services, { log, signal: stop.signal });
});

afterAll(async () => {
  await api.close(0);
  stop.abort();
  await running;
  await daemon.close();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
});

async function graphql(query: string, variables?: object): Promise<GraphqlAnswer> {
  const { body } = await httpRequest(socket, {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return JSON.parse(body) as GraphqlAnswer;
}

/** A tenant of the master database: its id. */
async function tenant(slug: string): Promise<string> {
  const answer = await graphql(
    'mutation ($slug: String!) { tenantCreate(input: { slug: $slug }) { success id } }',
    { slug },
  );
  return mutated(answer, 'tenantCreate').id;
}

/** What a mutation answered. */
function mutated({ data }: GraphqlAnswer, field: string): Created {
  const answer = data?.[field];
  expect(answer).toMatchObject({ success: true, id: expect.any(String) });
  return answer as Created;
}

type Created = { readonly success: boolean; readonly message: string; readonly id: string };

const createTenantDatabase = /* GraphQL */ `
  mutation CreateTenantDatabase($input: TenantDatabaseCreateRequestDto!) {
    tenantDatabaseCreate(input: $input) {
      success
      message
      id
    }
  }
`;

const findTenantDatabaseById = /* GraphQL */ `
  query FindTenantDatabaseById($input: TenantDatabaseFindByIdRequestDto!) {
    tenantDatabaseFindById(input: $input) {
      id
      tenantId
      databaseName
      readDatabaseName
      status
      schemaVersion
      lastMigrationAt
      errorMessage
      createdAt
      updatedAt
    }
  }
`;

const findTenantDatabasesByCriteria = /* GraphQL */ `
  query FindTenantDatabasesByCriteria($input: TenantDatabaseFindByCriteriaRequestDto) {
    tenantDatabaseFindByCriteria(input: $input) {
      items {
        id
        tenantId
        databaseName
        status
        schemaVersion
      }
      total
      page
      limit
    }
  }
`;

async function created(input: object): Promise<Created> {
  return mutated(await graphql(createTenantDatabase, { input }), 'tenantDatabaseCreate');
}

/** Waits until the database of this id is ACTIVE; what FindTenantDatabaseById then answers. */
function active(id: string): Promise<unknown> {
  return eventually(async () => {
    const { data } = await graphql(findTenantDatabaseById, { input: { id } });
    expect(data?.['tenantDatabaseFindById']).toMatchObject({ status: 'ACTIVE' });
    return data?.['tenantDatabaseFindById'];
  });
}

test('tenantDatabaseCreate creates a new tenant database record', async () => {
  const tenantId = await tenant('create');
  const { data } = await graphql(createTenantDatabase, {
    input: { tenantId, databaseName: 'tenant_abc123' },
  });
  expect(data).toEqual({
    tenantDatabaseCreate: {
      success: true,
      message: 'Tenant database created successfully',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  });
});

test('tenantDatabaseFindById finds a tenant database by ID', async () => {
  const tenantId = await tenant('find-by-id');
  const { id } = await created({ tenantId });
  expect(await active(id)).toEqual({
    id,
    tenantId,
    databaseName: `tenant_${tenantId}`,
    readDatabaseName: `tenant_${tenantId}_read`,
    status: 'ACTIVE',
    schemaVersion: expect.any(String),
    lastMigrationAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    errorMessage: null,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  });
});

test('tenantDatabaseFindByCriteria finds tenant databases by criteria with pagination', async () => {
  const { id } = await created({ tenantId: await tenant('find-by-criteria') });
  await active(id);
  const input = {
    filters: [{ field: 'status', operator: 'EQUALS', value: 'ACTIVE' }],
    sorts: [{ field: 'createdAt', direction: 'DESC' }],
    pagination: { page: 1, limit: 10 },
  };
  // The read model follows the records.
  const found = await eventually(async () => {
    const { data } = await graphql(findTenantDatabasesByCriteria, { input });
    const page = data?.['tenantDatabaseFindByCriteria'] as { readonly items: object[] };
    expect(page.items).toContainEqual(expect.objectContaining({ id, status: 'ACTIVE' }));
    return page;
  });
  expect(found).toMatchObject({ total: found.items.length, page: 1, limit: 10 });
});

test('Complete Tenant Database Lifecycle: create, then check the status', async () => {
  const tenantId = await tenant('lifecycle');
  const answer = await graphql(`
    # 1. Create tenant database
    mutation {
      tenantDatabaseCreate(input: {
        tenantId: "${tenantId}"
      }) {
        success
        message
        id
      }
    }
  `);
  const { id } = mutated(answer, 'tenantDatabaseCreate');
  const checked = await graphql(`
    # 2. Check status
    query {
      tenantDatabaseFindById(input: { id: "${id}" }) {
        id
        status
        databaseName
      }
    }
  `);
  expect(checked.data?.['tenantDatabaseFindById']).toMatchObject({
    id,
    status: expect.stringMatching(/^(PROVISIONING|ACTIVE)$/),
    databaseName: `tenant_${tenantId}`,
  });
});

test('Query with Filters: operators and directions as enums in the document', async () => {
  const { id } = await created({ tenantId: await tenant('filters') });
  await active(id);
  await eventually(async () => {
    const { data, errors } = await graphql(`
      query {
        tenantDatabaseFindByCriteria(
          input: {
            filters: [{ field: "status", operator: EQUALS, value: "ACTIVE" }]
            sorts: [{ field: "createdAt", direction: DESC }]
            pagination: { page: 1, limit: 20 }
          }
        ) {
          items {
            id
            tenantId
            databaseName
            status
            schemaVersion
          }
          total
          page
          limit
        }
      }
    `);
    expect(errors).toBeUndefined();
    const page = data?.['tenantDatabaseFindByCriteria'] as { readonly items: object[] };
    expect(page.items).toContainEqual(expect.objectContaining({ id }));
  });
});

// Beyond the examples: what the schema promises.

test('a tenant is named by its slug as well', async () => {
  const { id } = await created({ tenantId: await tenant('by-slug').then(() => 'by-slug') });
  const { data } = await graphql(
    '{ tenantDatabaseFindByTenantId(input: { tenantId: "by-slug" }) { id tenantSlug } }',
  );
  expect(data).toEqual({ tenantDatabaseFindByTenantId: { id, tenantSlug: 'by-slug' } });
});

test('null is the same as absent in every input of a query', async () => {
  const input = {
    filters: [{ field: 'errorCode', operator: 'IS_NULL', value: null }],
    sorts: null,
    pagination: { page: null, limit: 1 },
  };
  const { errors } = await graphql(findTenantDatabasesByCriteria, { input });
  expect(errors).toBeUndefined();
  expect((await graphql(findTenantDatabasesByCriteria, { input: null })).errors).toBeUndefined();
  expect((await graphql(findTenantDatabasesByCriteria)).errors).toBeUndefined();
});

test('an unknown field of a filter is an error that lists the known ones', async () => {
  const filters = [{ field: 'password', operator: 'EQUALS', value: 'x' }];
  const { errors } = await graphql(findTenantDatabasesByCriteria, { input: { filters } });
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(/"password"; known are .*status.*createdAt/),
    extensions: { code: 'INVALID_INPUT', facts: { field: 'criteria.filters.0.field' } },
  });
});

test('a problem comes with its code, its subject and what to do next', async () => {
  const { errors } = await graphql(createTenantDatabase, { input: { tenantId: 'nobody' } });
  expect(errors?.[0]).toMatchObject({
    message: 'No tenant "nobody" exists',
    extensions: {
      code: 'TENANT_NOT_FOUND',
      subject: 'nobody',
      help: 'Create it with: tenantctl tenant create <slug>, or list those there are: tenantctl tenant list',
      facts: {},
    },
  });
});

test('a run is started, found by its number, and its items are listed', async () => {
  const { id: databaseId } = await created({ tenantId: await tenant('in-a-run') });
  await active(databaseId);
  const started = await graphql('mutation { migrationRunStart { success message id } }');
  const { id } = mutated(started, 'migrationRunStart');
  await eventually(async () => {
    const { data } = await graphql(
      `
        query ($id: ID!) {
          migrationRunFindById(input: { id: $id }) {
            id
            number
            state
            counts {
              unchanged
              failed
            }
          }
        }
      `,
      { id },
    );
    expect(data?.['migrationRunFindById']).toMatchObject({ id, state: 'COMPLETED' });
  });
  const { data } = await graphql(`{
    migrationRuns(limit: 1) { id number state startedBy }
    migrationRunItems(input: { runId: "${id}", state: UNCHANGED, pagination: { limit: 500 } }) {
      items { tenantSlug state }
    }
    migrationRunFindById(input: { id: "1" }) { id }
  }`);
  expect(data).toMatchObject({
    migrationRuns: [{ id, number: 1, state: 'COMPLETED', startedBy: 'unix' }],
    migrationRunItems: {
      items: expect.arrayContaining([{ tenantSlug: 'in-a-run', state: 'UNCHANGED' }]),
    },
    migrationRunFindById: { id },
  });
});

import type { z } from 'zod';
import { TenantDatabaseViewModel } from '../application/view-models/tenant-database-view-model.ts';
import type { CriteriaField, CriteriaOperator } from '../domain/criteria.ts';
import {
  failureFields,
  type GraphqlOperation,
  mutationFields,
  MutationResponse,
  page,
  type PaginationInput,
  WireFailure,
} from './graphql-operation.ts';

const WireTenantDatabase = TenantDatabaseViewModel.extend({ failure: WireFailure.nullable() });
const TenantDatabasePage = page(WireTenantDatabase);
export type TenantDatabasePage = z.infer<typeof TenantDatabasePage>;

const fields = `{
  id tenantId tenantSlug server databaseName readDatabaseName status schemaVersion lastMigrationAt
  errorCode errorMessage failure ${failureFields} failedOperation
  work { kind id operation attempt since } revision createdAt updatedAt
}`;

/** The current record of a tenant, by UUID or slug; null while it has none. */
export const findTenantDatabase: GraphqlOperation<
  { readonly input: { readonly tenantId: string } },
  TenantDatabaseViewModel | null
> = {
  kind: 'query',
  field: 'tenantDatabaseFindByTenantId',
  document: `query ($input: TenantDatabaseFindByTenantIdRequestDto!) {
    tenantDatabaseFindByTenantId(input: $input) ${fields}
  }`,
  answer: WireTenantDatabase.nullable(),
};

/** A page of the read model, which may lag behind the records. */
export const findTenantDatabases: GraphqlOperation<
  {
    readonly input: {
      readonly filters?: readonly {
        readonly field: CriteriaField;
        readonly operator: CriteriaOperator;
        readonly value?: string | readonly string[] | boolean;
      }[];
      readonly sorts?: readonly {
        readonly field: CriteriaField;
        readonly direction: 'ASC' | 'DESC';
      }[];
      readonly pagination?: PaginationInput;
    };
  },
  TenantDatabasePage
> = {
  kind: 'query',
  field: 'tenantDatabaseFindByCriteria',
  document: `query ($input: TenantDatabaseFindByCriteriaRequestDto) {
    tenantDatabaseFindByCriteria(input: $input) { items ${fields} total page limit }
  }`,
  answer: TenantDatabasePage,
};

/** Record and provisioning in one: `id` is the record's. `tenantId` is a UUID or a slug. */
export const createTenantDatabase: GraphqlOperation<
  {
    readonly input: {
      readonly tenantId: string;
      readonly databaseName?: string;
      readonly server?: string;
    };
  },
  MutationResponse
> = {
  kind: 'mutation',
  field: 'tenantDatabaseCreate',
  document: `mutation ($input: TenantDatabaseCreateRequestDto!) {
    tenantDatabaseCreate(input: $input) ${mutationFields}
  }`,
  answer: MutationResponse,
};

/** Work on the database of one tenant (UUID or slug); refused when `revision` is not the record's any more. */
export type WorkOperation = GraphqlOperation<
  {
    readonly input: {
      readonly tenantId: string;
      readonly revision?: number;
      readonly reason?: string;
    };
  },
  MutationResponse
>;

const work = (field: string): WorkOperation => ({
  kind: 'mutation',
  field,
  document: `mutation ($input: TenantDatabaseWorkRequestDto!) { ${field}(input: $input) ${mutationFields} }`,
  answer: MutationResponse,
});

export const migrateTenantDatabase = work('tenantDatabaseMigrate');
export const retryTenantDatabase = work('tenantDatabaseRetry');
export const suspendTenantDatabase = work('tenantDatabaseSuspend');
export const resumeTenantDatabase = work('tenantDatabaseResume');

import type { z } from 'zod';
import { TenantViewModel } from '../application/view-models/tenant-view-model.ts';
import {
  type GraphqlOperation,
  mutationFields,
  MutationResponse,
  page,
  type PaginationInput,
} from './graphql-operation.ts';

const TenantPage = page(TenantViewModel);
export type TenantPage = z.infer<typeof TenantPage>;

/** Tenants by slug, those whose slug or name contains `search`. */
export const findTenants: GraphqlOperation<
  {
    readonly input: {
      readonly search?: string;
      readonly withoutDatabase?: boolean;
      readonly pagination?: PaginationInput;
    };
  },
  TenantPage
> = {
  kind: 'query',
  field: 'tenantFindByCriteria',
  document: `query ($input: TenantFindByCriteriaRequestDto!) {
    tenantFindByCriteria(input: $input) { items { id slug name tags databaseId createdAt } total page limit }
  }`,
  answer: TenantPage,
};

/** A tenant in the master database, without a database of its own yet. */
export const createTenant: GraphqlOperation<
  {
    readonly input: {
      readonly slug: string;
      readonly id?: string;
      readonly name?: string;
      readonly tags?: Readonly<Record<string, string>>;
    };
  },
  MutationResponse
> = {
  kind: 'mutation',
  field: 'tenantCreate',
  document: `mutation ($input: TenantCreateRequestDto!) { tenantCreate(input: $input) ${mutationFields} }`,
  answer: MutationResponse,
};

import { z } from 'zod';
import type { CriteriaField, CriteriaOperator, Filter } from './criteria.ts';
import { Problem } from './errors.ts';

type Value = string | Date;

/** A filter whose value has the type of its field, so that a store need not think about it again. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly field: CriteriaField;
      readonly operator: Exclude<CriteriaOperator, 'IN' | 'LIKE' | 'IS_NULL'>;
      readonly value: Value;
    }
  | { readonly kind: 'in'; readonly field: CriteriaField; readonly values: readonly Value[] }
  | { readonly kind: 'like'; readonly field: CriteriaField; readonly pattern: string }
  | { readonly kind: 'is-null'; readonly field: CriteriaField; readonly isNull: boolean };

/** Fields that hold an instant; every other one holds text. */
export const dateFields: ReadonlySet<CriteriaField> = new Set([
  'lastMigrationAt',
  'createdAt',
  'updatedAt',
]);
/** Fields that hold a UUID. */
export const idFields: ReadonlySet<CriteriaField> = new Set(['id', 'tenantId']);

/** Throws `INVALID_INPUT` when the filter's value is not one that its field and operator take. */
export function conditionOf({ field, operator, value }: Filter): Condition {
  switch (operator) {
    case 'IS_NULL':
      if (value !== undefined && typeof value !== 'boolean')
        throw refused(field, operator, 'a boolean');
      return { kind: 'is-null', field, isNull: value ?? true };
    case 'IN':
      if (!Array.isArray(value)) throw refused(field, operator, 'a list of values');
      return { kind: 'in', field, values: value.map((one) => valueOf(field, operator, one)) };
    case 'LIKE':
      if (typeof value !== 'string') throw refused(field, operator, 'a pattern with % and _');
      if (dateFields.has(field)) throw refused(field, operator, 'text, which a date is not');
      return { kind: 'like', field, pattern: value };
    default:
      return { kind: 'compare', field, operator, value: valueOf(field, operator, value) };
  }
}

const DateText = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

function valueOf(field: CriteriaField, operator: CriteriaOperator, value: Filter['value']): Value {
  if (typeof value !== 'string') throw refused(field, operator, 'one text');
  if (dateFields.has(field)) {
    if (!DateText.safeParse(value).success) throw refused(field, operator, 'a date in ISO 8601');
    return new Date(value);
  }
  if (!idFields.has(field)) return value;
  const id = z.uuid().safeParse(value.toLowerCase());
  if (!id.success) throw refused(field, operator, 'a UUID');
  return id.data;
}

function refused(field: CriteriaField, operator: CriteriaOperator, wanted: string): Problem {
  return new Problem('INVALID_INPUT', field, { more: `with ${operator} takes ${wanted}` });
}

import type { TenantDatabaseStatusEnum } from '@tenantctl/core/domain/tenant-database-status';
import type { Glyphs } from '../theme/glyphs.ts';
import type { Style } from '../theme/theme.ts';

const lookOf: {
  readonly [S in TenantDatabaseStatusEnum]: {
    readonly glyph: keyof Glyphs & Lowercase<S>;
    readonly styles: readonly Style[];
  };
} = {
  FAILED: { glyph: 'failed', styles: ['red', 'bold'] },
  MIGRATING: { glyph: 'migrating', styles: ['yellow'] },
  PROVISIONING: { glyph: 'provisioning', styles: ['cyan'] },
  SUSPENDED: { glyph: 'suspended', styles: ['dim'] },
  ACTIVE: { glyph: 'active', styles: ['green'] },
};

/** Glyph and word: `✗ FAILED`. */
export const statusWord = (status: TenantDatabaseStatusEnum, glyphs: Glyphs): string =>
  `${glyphs[lookOf[status].glyph]} ${status}`;

export const statusStyles = (status: TenantDatabaseStatusEnum): readonly Style[] =>
  lookOf[status].styles;

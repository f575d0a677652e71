import { Problem } from '@tenantctl/core/domain/errors';
import type { ReadSettings } from './config.ts';

/** What the daemon cannot do without; `--embedded` brings both along. */
const required = {
  MASTER_DATABASE_URL: () =>
    new Problem('CONFIG_INVALID', 'MASTER_DATABASE_URL', {
      more: 'is not set',
      help: 'Set it to the master database, or start with --embedded to try tenantd without one.',
    }),
  TENANTD_ENCRYPTION_KEYS: () =>
    new Problem('CONFIG_INVALID', 'TENANTD_ENCRYPTION_KEYS', {
      more: 'is not set: credentials must not be stored in the clear',
      help: 'Make a key with: echo "k1:$(openssl rand -base64 32)"',
    }),
};

type Required = keyof typeof required;

/** A fault for each setting that is needed and was not given; one that is given and wrong is another's fault. */
export function missingSettings({ shown }: Pick<ReadSettings, 'shown'>): readonly Problem[] {
  const unset = new Set(
    shown.filter(({ origin }) => origin === 'not set').map(({ name }) => name as string),
  );
  return Object.entries(required).flatMap(([name, problem]) => (unset.has(name) ? problem() : []));
}

/** The value of a required setting. Throws `CONFIG_INVALID` when there is none. */
export function requiredSetting(name: Required, value: string | undefined): string {
  if (value === undefined) throw required[name]();
  return value;
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Problem } from '../../domain/errors.ts';
import { Secret } from './secret.ts';

/** Where a secret is stored. A sealed secret opens only in the place that it was sealed for. */
export type SecretPlace = {
  readonly table: string;
  readonly recordId: string;
  readonly column: string;
};

type Key = { readonly id: string; readonly bytes: Buffer };

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SETTING = 'TENANTD_ENCRYPTION_KEYS';

/**
 * Seals secrets for storage: AES-256-GCM as `v1.<key id>.<nonce>.<ciphertext>.<tag>` (base64url). Version,
 * key id, table, record id and column are authenticated along, so a text that was copied to another row
 * or column does not open. The newest key seals, every key opens.
 */
export class SecretBox {
  readonly #newest: Key;
  readonly #keys: ReadonlyMap<string, Key>;

  private constructor(newest: Key, keys: ReadonlyMap<string, Key>) {
    this.#newest = newest;
    this.#keys = keys;
  }

  /** Reads `kid:base64,kid:base64`, newest first, 32 bytes each. Throws `CONFIG_INVALID`, without the keys. */
  static fromKeys(setting: string): SecretBox {
    const keys = new Map<string, Key>();
    for (const [index, entry] of setting.split(',').entries()) {
      const key = parseKey(entry.trim(), index + 1);
      if (keys.has(key.id)) throw invalidKeys(`names the key "${key.id}" twice`);
      keys.set(key.id, key);
    }
    const [newest] = keys.values();
    if (newest === undefined) throw invalidKeys('holds no key');
    return new SecretBox(newest, keys);
  }

  /** A new random key under this id, in the form that `fromKeys` reads. */
  static generateKey(id: string): Secret {
    return new Secret(`${id}:${randomBytes(KEY_BYTES).toString('base64')}`);
  }

  seal(place: SecretPlace, secret: Secret): string {
    const { id, bytes } = this.#newest;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, bytes, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(additionalData(place, id));
    const ciphertext = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
    const parts = [nonce, ciphertext, cipher.getAuthTag()].map((part) =>
      part.toString('base64url'),
    );
    return [VERSION, id, ...parts].join('.');
  }

  /** Throws `SECRET_UNREADABLE`, naming place and key id, when the key is unknown or the text does not belong here. */
  open(place: SecretPlace, sealed: string): Secret {
    const [version, id, nonce, ciphertext, tag, ...rest] = sealed.split('.');
    if (version !== VERSION || !id || !nonce || ciphertext === undefined || !tag || rest.length > 0)
      throw unreadable(place, ': it is not in the form v1.<key>.<nonce>.<ciphertext>.<tag>');
    const key = this.#keys.get(id);
    if (key === undefined) throw unreadable(place, `: its key "${id}" is not configured`);
    try {
      const decipher = createDecipheriv(ALGORITHM, key.bytes, Buffer.from(nonce, 'base64url'), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(additionalData(place, id));
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      const start = decipher.update(Buffer.from(ciphertext, 'base64url'));
      return new Secret(Buffer.concat([start, decipher.final()]).toString('utf8'));
    } catch {
      throw unreadable(place, `: key "${id}" does not open it, or it was moved or changed`);
    }
  }

  /** Whether it was sealed by the newest key; if not, rotation has to seal it again. */
  isSealedByNewest(sealed: string): boolean {
    return sealed.startsWith(`${VERSION}.${this.#newest.id}.`);
  }
}

function parseKey(entry: string, position: number): Key {
  const separator = entry.indexOf(':');
  const id = entry.slice(0, Math.max(separator, 0));
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
    throw invalidKeys(`must read kid:base64,kid:base64; entry ${position} does not`);
  const bytes = Buffer.from(entry.slice(separator + 1), 'base64');
  if (bytes.length !== KEY_BYTES)
    throw invalidKeys(`holds a key "${id}" of ${bytes.length} bytes; it needs ${KEY_BYTES}`);
  return { id, bytes };
}

/** NUL cannot stand in any of the parts, so two places never have the same additional data. */
function additionalData({ table, recordId, column }: SecretPlace, keyId: string): Buffer {
  return Buffer.from([VERSION, keyId, table, recordId, column].join('\0'), 'utf8');
}

const invalidKeys = (more: string): Problem =>
  new Problem('CONFIG_INVALID', SETTING, {
    more,
    help: 'Make a key with: openssl rand -base64 32',
  });

const unreadable = ({ table, recordId, column }: SecretPlace, more: string): Problem =>
  new Problem('SECRET_UNREADABLE', `${table} ${recordId} ${column}`, { more });

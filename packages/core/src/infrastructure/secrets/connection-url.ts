import { inspect } from 'node:util';
import { Problem } from '../../domain/errors.ts';
import type { Secret } from './secret.ts';

type Change = {
  readonly user?: string;
  readonly password?: Secret;
  readonly database?: string;
};

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|)$/;

/**
 * A `postgresql://` URL. Every printed form is `postgresql://user:[redacted]@host:port/database`; only
 * `reveal()` gives the password and the parameters. It never changes: `with` makes another one.
 */
export class ConnectionUrl {
  readonly #url: URL;

  private constructor(url: URL) {
    this.#url = url;
  }

  /** Throws `CONFIG_INVALID` about `setting`; the text itself is in no error. */
  static parse(text: string, setting: string): ConnectionUrl {
    const url = URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'));
    if (url === null || !/^postgres(ql)?:$/.test(url.protocol))
      throw new Problem('CONFIG_INVALID', setting, {
        more: 'must be a URL: postgresql://user:password@host:5432/database',
      });
    // A socket directory comes as ?host=/run/postgresql, with an empty host, which takes no user name.
    if (url.host === '') url.host = 'localhost';
    moveCredentials(url);
    return new ConnectionUrl(url);
  }

  get user(): string {
    return decodeURIComponent(this.#url.username);
  }

  /** Null when the URL names none; PostgreSQL then takes the user's name. */
  get database(): string | null {
    const path = this.#url.pathname.slice(1);
    return path === '' ? null : decodeURIComponent(path);
  }

  with({ user, password, database }: Change): ConnectionUrl {
    const url = new URL(this.#url);
    // The setters leave % as it is, so what is encoded before stays exactly that.
    if (user !== undefined) url.username = encodeURIComponent(user);
    if (password !== undefined) url.password = encodeURIComponent(password.reveal());
    if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
    return new ConnectionUrl(url);
  }

  without(...parameters: readonly string[]): ConnectionUrl {
    const url = new URL(this.#url);
    for (const parameter of parameters) url.searchParams.delete(parameter);
    return new ConnectionUrl(url);
  }

  /** Beyond loopback and Unix sockets, TLS with `sslmode=verify-full` unless the URL says otherwise. */
  withTlsByDefault(): ConnectionUrl {
    const url = new URL(this.#url);
    const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
    const local = host.startsWith('/') || LOOPBACK.test(host);
    if (!local && !url.searchParams.has('sslmode') && !url.searchParams.has('ssl'))
      url.searchParams.set('sslmode', 'verify-full');
    return new ConnectionUrl(url);
  }

  reveal(): string {
    return this.#url.href;
  }

  toString(): string {
    const { protocol, username, password, host, pathname } = this.#url;
    const credentials = password === '' ? username : `${username}:[redacted]`;
    return `${protocol}//${credentials === '' ? '' : `${credentials}@`}${host}${pathname}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** libpq also takes `?user=` and `?password=`; in one place they are hidden and replaced in one place. */
function moveCredentials(url: URL): void {
  const user = url.searchParams.get('user');
  const password = url.searchParams.get('password');
  if (user !== null) url.username = encodeURIComponent(user);
  if (password !== null) url.password = encodeURIComponent(password);
  url.searchParams.delete('user');
  url.searchParams.delete('password');
}

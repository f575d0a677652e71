import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A text that must not be printed. Every printed form (string, JSON, `console.log`, a log line) is
 * `[redacted]`; only `reveal()` gives the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** 256 random bits as 43 characters of `A-Z a-z 0-9 - _`. */
  static generate(): Secret {
    return new Secret(randomBytes(32).toString('base64url'));
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from './secret.ts';

const ITERATIONS = 4096; // PostgreSQL's default scram_iterations
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const deriveKey = promisify(pbkdf2);

/**
 * What PostgreSQL stores for this password (RFC 5803): `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`.
 * `PASSWORD '<verifier>'` is taken verbatim, so the clear text never reaches the server or its log. The
 * password must be ASCII, as `Secret.generate` makes it: SASLprep is left out. `salt` is for tests.
 */
export async function scramVerifier(
  password: Secret,
  salt: Buffer = randomBytes(SALT_BYTES),
): Promise<string> {
  const salted = await deriveKey(password.reveal(), salt, ITERATIONS, KEY_BYTES, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

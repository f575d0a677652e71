/** What a text says as JSON; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The end of the sentence "No daemon answers at …" for what Node reports. */
export function whyUnreachable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return ': there is no such socket';
  if (code === 'ECONNREFUSED') return ': the connection was refused';
  if (code === 'EACCES') return ': this user may not open the socket';
  return error instanceof Error && error.message !== '' ? `: ${error.message}` : '';
}

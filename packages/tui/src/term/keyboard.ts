import { StringDecoder } from 'node:string_decoder';
import { type Token, Tokenizer } from '../keys/tokenize.ts';

/** A lone ESC counts as the key when nothing follows it for so long. */
const ESC_WAIT_MS = 40;

/** What the keyboard needs of `process.stdin`. */
export type KeyboardInput = {
  readonly setRawMode?: (raw: boolean) => unknown;
  readonly ref?: () => unknown;
  readonly unref?: () => unknown;
  readonly resume: () => unknown;
  readonly pause: () => unknown;
  readonly on: (event: 'data', listener: (chunk: Buffer | string) => void) => unknown;
  readonly off: (event: 'data', listener: (chunk: Buffer | string) => void) => unknown;
};

/**
 * Reads keys in raw mode until the returned function is called. The renderer's own input is not used: it
 * hides where one chunk ends and the next begins, and that is what keeps a burst from confirming.
 */
export function listenToKeys(
  stdin: KeyboardInput,
  onTokens: (tokens: readonly Token[]) => void,
): () => void {
  const tokenizer = new Tokenizer();
  const decoder = new StringDecoder('utf8');
  let waiting: NodeJS.Timeout | undefined;
  const give = (tokens: readonly Token[]): void => {
    if (tokens.length > 0) onTokens(tokens);
  };
  const onData = (chunk: Buffer | string): void => {
    clearTimeout(waiting);
    give(tokenizer.push(typeof chunk === 'string' ? chunk : decoder.write(chunk)));
    if (tokenizer.waiting) waiting = setTimeout(() => give(tokenizer.flush()), ESC_WAIT_MS);
  };
  stdin.setRawMode?.(true);
  stdin.ref?.();
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    clearTimeout(waiting);
    stdin.off('data', onData);
    stdin.setRawMode?.(false);
    stdin.pause();
    stdin.unref?.();
  };
}

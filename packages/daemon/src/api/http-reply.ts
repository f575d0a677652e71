import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '@tenantctl/core/domain/errors';

export function replyJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** A refusal in the shape of a GraphQL answer, so that a client reads errors in one way only. */
export function replyProblem(response: ServerResponse, status: number, problem: Problem): void {
  // What is left of the body is not read: the connection cannot serve another request.
  response.setHeader('connection', 'close');
  replyJson(response, status, bodyOf(problem));
}

/** The same before a WebSocket has been opened. */
export function refuseUpgrade(socket: Duplex, status: number, problem: Problem): void {
  const text = JSON.stringify(bodyOf(problem));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'connection: close\r\n' +
      'content-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function bodyOf({ message, code, subject, help, facts }: Problem) {
  return { errors: [{ message, extensions: { code, subject, help, facts } }] };
}

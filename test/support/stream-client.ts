import { once } from 'node:events';
import { connect } from 'node:net';
import {
  ServerMessage,
  streamProtocol,
  type ChangeMessage,
  type Hello,
  type Snapshot,
} from '@tenantctl/core/wire/stream';
import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';

type MessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** A client of `/events` that keeps everything it is told. It acknowledges only when it is asked to. */
export class StreamClient {
  readonly socket: WebSocket;
  readonly received: ServerMessage[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
    socket.on('message', (data) => {
      this.received.push(ServerMessage.parse(JSON.parse(String(data))));
    });
  }

  /** Connected, and nothing said yet. */
  static async connect(path: string): Promise<StreamClient> {
    const createConnection = () => connect({ path });
    const socket = new WebSocket('ws://localhost/events', {
      createConnection,
      perMessageDeflate: false,
    });
    const client = new StreamClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Connected, hello said. */
  static async follow(path: string, hello: Partial<Hello> = {}): Promise<StreamClient> {
    const client = await StreamClient.connect(path);
    client.send({ type: 'hello', protocol: streamProtocol, ...hello });
    return client;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  ack(seq: number): void {
    this.send({ type: 'ack', seq });
  }

  all<T extends ServerMessage['type']>(type: T): MessageOf<T>[] {
    return this.received.filter((message): message is MessageOf<T> => message.type === type);
  }

  /** The numbers of the changes, as they came. */
  get seqs(): number[] {
    return this.all('change').map(({ seq }) => seq);
  }

  /** Waits for a message that holds. */
  first<T extends ServerMessage['type']>(
    type: T,
    holds: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    return eventually(() => {
      const found = this.all(type).find(holds);
      if (found === undefined) throw new Error(`no such ${type} came; ${this.summary}`);
      return found;
    });
  }

  /** Waits for the change with this number, or a later one. */
  changeAt(seq: number): Promise<ChangeMessage> {
    return this.first('change', (change) => change.seq >= seq);
  }

  /** Waits for a whole snapshot: all its chunks in one. */
  async snapshot(): Promise<Snapshot> {
    const last = await this.first('snapshot', ({ more }) => !more);
    const chunks = this.all('snapshot').filter(({ seq }) => seq === last.seq);
    return {
      ...last,
      databases: chunks.flatMap(({ databases }) => databases),
      tenants: chunks.flatMap(({ tenants }) => tenants),
    };
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  get summary(): string {
    const types = this.received.map(({ type }) => type);
    return `${types.length} messages: ${types.slice(-10).join(' ')}`;
  }
}

import { createHash } from 'node:crypto';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { TestingError } from '../../errors.ts';
import { disconnected } from '../agent-connection.ts';
import { FrameReader } from './frame-reader.ts';
import { parseServerMessage, type ServerMessage } from './parse-server-message.ts';

export interface McsSocketOptions {
  readonly mcsEndpoint: string;
  readonly certificateSpkiHash: string;
  /** It is connected, to the certificate that was expected. */
  readonly onSecure: () => void;
  readonly onMessage: (message: ServerMessage) => void;
  /** Called once, however it ended. */
  readonly onClose: (error: TestingError) => void;
}

/** One TLS connection that MCS messages come from. */
export class McsSocket {
  readonly #socket: TLSSocket;
  readonly #options: McsSocketOptions;
  readonly #frames = new FrameReader();
  #isSecure = false;
  #fault: TestingError | undefined;

  constructor(options: McsSocketOptions) {
    this.#options = options;
    const { hostname, port } = new URL(options.mcsEndpoint);
    this.#socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      secureContext: trustNothing(),
      // Judged by its key alone, as with Chromium's --ignore-certificate-errors-spki-list.
      rejectUnauthorized: false,
    });
    this.#socket.on('secureConnect', () => this.#begin());
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (cause) => {
      this.#fault ??= this.#isSecure ? disconnected({ why: 'The connection failed', cause }) : this.#unreachable(cause);
    });
    // It follows every error.
    this.#socket.on('close', () => options.onClose(this.#fault ?? disconnected({ why: 'The connection ended' })));
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Ends it for this reason; what has arrived meanwhile is not read. */
  fail(fault: TestingError): void {
    this.#fault ??= fault;
    this.#socket.destroy();
  }

  /** Ends it once everything is written. Does not wait for the service: what it had sent would come at the next login. */
  async end(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = Promise.withResolvers<void>();
    this.#socket.once('close', () => closed.resolve());
    if (this.#isSecure) this.#socket.destroySoon();
    else this.#socket.destroy();
    await closed.promise;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #begin(): void {
    const key = this.#socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
    const hash = key && createHash('sha256').update(key).digest('base64');
    if (hash !== this.#options.certificateSpkiHash) {
      return this.fail(this.#unreachable(new Error('The certificate has another key')));
    }
    this.#isSecure = true;
    this.#options.onSecure();
  }

  #receive(chunk: Uint8Array): void {
    for (const frame of this.#frames.read(chunk)) {
      // What arrives while this side ends the connection is not acknowledged, so the service will say it again.
      if (!this.#socket.writable) return;
      const message = parseServerMessage(frame);
      if (message === undefined) return this.#failUnreadable();
      this.#options.onMessage(message);
    }
    if (this.#frames.hasFailed) this.#failUnreadable();
  }

  #failUnreadable(): void {
    this.fail(new TestingError('unreadable-frame', 'The push service sent what is not MCS'));
  }

  #unreachable(cause: unknown): TestingError {
    const message = `No push service answers at ${this.#options.mcsEndpoint} with the certificate of certificateSpkiHash`;
    return new TestingError('push-service-unreachable', `${message}: start one, or correct them`, { cause });
  }
}

let sharedContext: SecureContext | undefined;

/** Without certificate authorities; one for all agents, which take 70 kB each then and 86 kB with their own (3000, Node 26). */
function trustNothing(): SecureContext {
  sharedContext ??= createSecureContext({ ca: [] });
  return sharedContext;
}

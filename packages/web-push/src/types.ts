import type { Agent, AgentOptions } from 'node:https';

/** What `JSON.stringify` makes of a browser's PushSubscription. The keys are needed for a payload only. */
export interface PushSubscription {
  readonly endpoint: string;
  readonly expirationTime?: number | null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface Headers {
  [header: string]: string;
}

export type ContentEncoding = 'aesgcm' | 'aes128gcm';

export type Urgency = 'very-low' | 'low' | 'normal' | 'high';

/** Unpadded base64url: 65 octets, and 32. */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

export interface VapidDetails extends VapidKeys {
  /** An `https:` or `mailto:` URL (RFC 8292 §2.1). */
  subject: string;
}

/** An http or https proxy by its parts; what belongs to TLS is for the connection to the proxy. */
export type HttpsProxyAgentOptions = AgentOptions & {
  readonly protocol?: string | null | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Sent with CONNECT. */
  readonly headers?: Headers | undefined;
};

export interface RequestOptions {
  /** For this request, in place of `setGCMAPIKey`'s. */
  gcmAPIKey?: string | null | undefined;
  /** For this request, in place of `setVapidDetails`'; null for none. */
  vapidDetails?: VapidDetails | null | undefined;
  /** Milliseconds without anything from the socket, after which the request fails; default none. */
  timeout?: number | undefined;
  /** Whole seconds that the push service keeps the message; default four weeks. */
  TTL?: number | undefined;
  /** Sent besides. */
  headers?: Headers | undefined;
  /** Default 'aes128gcm'. */
  contentEncoding?: ContentEncoding | undefined;
  /** Default 'normal'. */
  urgency?: Urgency | undefined;
  /** At most 32 characters of the base64url alphabet: a newer message replaces an undelivered one (RFC 8030 §5.4). */
  topic?: string | undefined;
  /** 'http://user:password@host:port', or its parts. */
  proxy?: string | HttpsProxyAgentOptions | undefined;
  /** An https.Agent; ignored where there is a proxy. */
  agent?: Agent | undefined;
}

/** A request to a push service, for any HTTP client. */
export interface RequestDetails {
  method: 'POST';
  /** `TTL` and `Content-Length` are numbers, whatever the type says: both as in web-push. */
  headers: Headers;
  /** Null without a payload. */
  body: Buffer | null;
  endpoint: string;
  proxy?: string | HttpsProxyAgentOptions;
  agent?: Agent;
  /** Milliseconds. */
  timeout?: number;
}

/** The push service's answer, a 2xx: it has the message, which is not to say that it was delivered. */
export interface SendResult {
  statusCode: number;
  body: string;
  headers: Headers;
}

export interface EncryptionResult {
  /** 65 octets. */
  localPublicKey: Buffer;
  /** 16 octets in base64url. */
  salt: string;
  cipherText: Buffer;
}

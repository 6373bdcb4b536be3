/** Somebody who writes in the chat without a browser. */
export class ChatWriter {
  readonly #origin: string;
  readonly #cookie: string;

  private constructor(origin: string, cookie: string) {
    this.#origin = origin;
    this.#cookie = cookie;
  }

  static async signIn(origin: string, name: string): Promise<ChatWriter> {
    const response = await post(`${origin}/api/session`, { name }, '');
    return new ChatWriter(origin, response.headers.get('set-cookie')?.split(';')[0] ?? '');
  }

  async write(to: string, text: string): Promise<void> {
    await post(`${this.#origin}/api/conversations/${encodeURIComponent(to)}`, { text }, this.#cookie);
  }
}

async function post(url: string, body: object, cookie: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', cookie };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The chat answered ${response.status}: ${await response.text()}`);
  return response;
}

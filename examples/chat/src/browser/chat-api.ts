export interface ChatMessage {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The chat's own routes; they throw an Error with the server's words. */
export const chatApi = {
  session: (): Promise<{ name: string | null }> => call('/api/session'),
  signIn: (name: string): Promise<{ name: string }> => call('/api/session', { name }),
  partners: (): Promise<string[]> => call('/api/conversations'),
  messages: (partner: string): Promise<ChatMessage[]> => call(conversation(partner)),
  say: (partner: string, text: string): Promise<ChatMessage> => call(conversation(partner), { text }),
};

function conversation(partner: string): string {
  return `/api/conversations/${encodeURIComponent(partner)}`;
}

async function call<Answer>(path: string, body?: object): Promise<Answer> {
  const response = await fetch(
    path,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? answer.message);
  return answer;
}

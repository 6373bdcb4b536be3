// @ts-check

/** @import { Fault } from '../../faults/fault.ts' */
/** @import { PersonaName } from '../../personas/persona.ts' */
/** @import { PlannedFaultJson } from '../fault-routes.ts' */
/** @import { ArrivedPush, ScriptedSubscriptionJson, SubscriptionInfo } from '../push-service-control.ts' */

/** How many of the latest pushes are listed. */
export const LISTED_PUSHES = 300;

/**
 * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @param {string} path
 * @param {unknown} [body] JSON
 * @throws {Error} with the service's own words
 */
async function call(method, path, body) {
  const sent = method === 'POST' || method === 'PUT';
  const response = await fetch(path, {
    method,
    ...(sent && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
  });
  if (response.status === 204) return undefined;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

/** The control API, as docs/reference/push-service-control.md describes it. */
export const api = {
  /** @returns {Promise<{ readonly persona: PersonaName, readonly endpointOrigin: string }>} */
  service: () => call('GET', '/api/service'),
  /** @returns {Promise<readonly ArrivedPush[]>} */
  pushes: async () => (await call('GET', `/api/pushes?limit=${LISTED_PUSHES}`)).pushes,
  /** @returns {Promise<readonly SubscriptionInfo[]>} */
  subscriptions: async () => (await call('GET', '/api/subscriptions')).subscriptions,
  /** @returns {Promise<readonly PlannedFaultJson[]>} */
  faults: async () => (await call('GET', '/api/faults')).faults,
  /** @param {string} persona */
  setPersona: (persona) => call('PUT', '/api/persona', { persona }),
  /**
   * @param {{ persona?: string | undefined }} options
   * @returns {Promise<ScriptedSubscriptionJson>}
   */
  subscribe: (options) => call('POST', '/api/subscriptions', options),
  /** @param {number} id */
  expire: (id) => call('POST', `/api/subscriptions/${id}/expire`),
  /** @param {number} id */
  resend: (id) => call('POST', `/api/pushes/${id}/resend`),
  clear: () => call('DELETE', '/api/pushes'),
  /** @param {{ fault: Fault, times: number | 'always', subscription?: number | undefined }} planned */
  addFault: (planned) => call('POST', '/api/faults', planned),
  /** @param {number} id */
  removeFault: (id) => call('DELETE', `/api/faults/${id}`),
};

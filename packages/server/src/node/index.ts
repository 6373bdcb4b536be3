// What adapters of frameworks on Node's own servers share: the conversion between Node's requests and the Fetch API's.
export { discardBody } from './discard-body.ts';
export { type NodeRequest, type NodeRequestContext, toFetchRequest } from './to-fetch-request.ts';

import { StoreError } from '@belfry/store';
import { BelfryError } from '../errors.ts';
import { unusableStore } from '../unusable-store.ts';
import { errorAnswer } from './answers.ts';
import { errorPlace } from './error-place.ts';
import type { ReportFault } from './fault-log.ts';
import type { Admission, AddressLimit } from './address-limit.ts';
import type { Identity } from './identify.ts';
import { TooManyStrangersError } from './rate-limit.ts';
import type { RefusalQueue } from './refusal-queue.ts';

/** A request that its address's limit has let in. */
export interface Visit extends Admission {
  /** Who is signed in; throws `not-signed-in` for nobody. */
  identify(): Promise<Identity>;
}

/** One route's answer to a request. `parameter` is what stands in the place of its path's `:name`, decoded. */
export type Route = (request: Request, visit: Visit, parameter: string) => Promise<Response>;

/** Path below the prefix, one part of which may be a `:name` → method → route. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Route>>>>;

export interface HandlerOptions {
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly routes: Routes;
  readonly reportFault: ReportFault;
  readonly limitAddress: AddressLimit;
  readonly refusals: RefusalQueue;
}

/** How a request comes to the handler. */
export interface HandlerContext {
  identify(): Promise<Identity>;
  readonly clientAddress: string | undefined;
}

/** Counts the address, finds the route, and turns what it throws into an answer; never rejects. */
export function createHandler(
  options: HandlerOptions,
): (request: Request, context: HandlerContext) => Promise<Response> {
  const { prefix, reportFault, limitAddress, refusals } = options;
  const routes = Object.entries(options.routes).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replace(/:\w+/v, '([^\\/]*)')}$`, 'v'),
    methods: new Map(Object.entries(methods)),
  }));
  return async (request, context) => {
    try {
      const { proven } = limitAddress(context.clientAddress);
      return await answer(request, { identify: () => context.identify(), proven });
    } catch (error) {
      if (error instanceof TooManyStrangersError) await refusals.wait();
      const known = toBelfryError(error, reportFault);
      const { retryAfterS } = known;
      return errorAnswer(known, retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) });
    }
  };

  async function answer(request: Request, visit: Visit): Promise<Response> {
    const { pathname } = new URL(request.url);
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : '';
    const { methods, parameter } = find(path);
    // HEAD is GET without the body (RFC 9110 §9.3.2).
    const isHead = request.method === 'HEAD';
    if (methods === undefined || parameter === undefined)
      return errorAnswer(new BelfryError('not-found', 'There is no such route'));
    const route = methods.get(isHead ? 'GET' : request.method);
    if (route === undefined) {
      const allow = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)).join(', ');
      return errorAnswer(new BelfryError('method-not-allowed', `This route takes ${allow}`), { allow });
    }
    const response = await route(request, visit, parameter);
    return isHead ? new Response(null, response) : response;
  }

  function find(path: string): { methods?: ReadonlyMap<string, Route>; parameter?: string | undefined } {
    for (const { pattern, methods } of routes) {
      const match = pattern.exec(path);
      if (match !== null) return { methods, parameter: decoded(match[1] ?? '') };
    }
    return {};
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function toBelfryError(error: unknown, reportFault: ReportFault): BelfryError {
  // The store has reported it itself, once.
  const unusable = unusableStore(error instanceof BelfryError ? error.cause : error);
  if (unusable !== undefined) return unusable;
  if (!(error instanceof BelfryError)) {
    reportFault('internal-error', error instanceof StoreError ? { cause: textOf(error) } : { ...errorPlace(error) });
    return new BelfryError('internal-error', 'Something went wrong');
  }
  // A cause is always the store's: its text names what the database refused, and holds nothing of the request.
  if (error.cause instanceof Error) reportFault(error.id, { cause: textOf(error.cause) });
  else if (error.status >= 500 && error.id !== 'identity-unavailable') reportFault(error.id, { reason: error.message });
  return error;
}

function textOf({ name, message }: Error): string {
  return `${name}: ${message}`;
}

import { BelfryError } from '../errors.ts';
import { errorAnswer } from './answers.ts';
import { errorPlace } from './error-place.ts';
import type { ReportFault } from './fault-log.ts';
import type { Identity } from './identify.ts';

/**
 * One route's answer to a request; `identify` throws `not-signed-in` for nobody. `parameter` is what stands in the place of
 * its path's `:name`, decoded.
 */
export type Route = (request: Request, identify: () => Promise<Identity>, parameter: string) => Promise<Response>;

/** Path below the prefix, one part of which may be a `:name` → method → route. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Route>>>>;

export interface HandlerOptions {
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly routes: Routes;
  readonly reportFault: ReportFault;
}

/** Finds the route and turns what it throws into an answer; never rejects. */
export function createHandler(
  options: HandlerOptions,
): (request: Request, identify: () => Promise<Identity>) => Promise<Response> {
  const { prefix, reportFault } = options;
  const routes = Object.entries(options.routes).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replace(/:\w+/v, '([^\\/]*)')}$`, 'v'),
    methods: new Map(Object.entries(methods)),
  }));
  return async (request, identify) => {
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
    try {
      const response = await route(request, identify, parameter);
      return isHead ? new Response(null, response) : response;
    } catch (error) {
      const known = toBelfryError(error, reportFault);
      const { retryAfterS } = known;
      return errorAnswer(known, retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) });
    }
  };

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
  if (!(error instanceof BelfryError)) {
    reportFault('internal-error', { ...errorPlace(error) });
    return new BelfryError('internal-error', 'Something went wrong');
  }
  // A cause is always the store's: its text names what the database refused, and holds nothing of the request.
  if (error.cause instanceof Error) reportFault(error.id, { cause: `${error.cause.name}: ${error.cause.message}` });
  else if (error.status >= 500 && error.id !== 'identity-unavailable') reportFault(error.id, { reason: error.message });
  return error;
}

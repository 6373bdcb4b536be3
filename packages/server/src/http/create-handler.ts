import type { Logger } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { errorAnswer } from './answers.ts';
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
  readonly logger: Logger;
}

/** Finds the route and turns what it throws into an answer; never rejects. */
export function createHandler(
  options: HandlerOptions,
): (request: Request, identify: () => Promise<Identity>) => Promise<Response> {
  const { prefix, logger } = options;
  const routes = Object.entries(options.routes).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replace(/:\w+/v, '([^\\/]*)')}$`, 'v'),
    methods: new Map(Object.entries(methods)),
  }));
  return async (request, identify) => {
    const { pathname } = new URL(request.url);
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : '';
    const { methods, parameter } = find(path);
    if (methods === undefined || parameter === undefined)
      return errorAnswer(new BelfryError('not-found', 'There is no such route'));
    const route = methods.get(request.method);
    if (route === undefined) {
      const allow = [...methods.keys()].join(', ');
      return errorAnswer(new BelfryError('method-not-allowed', `This route takes ${allow}`), { allow });
    }
    try {
      return await route(request, identify, parameter);
    } catch (error) {
      const known = toBelfryError(error, logger);
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

function toBelfryError(error: unknown, logger: Logger): BelfryError {
  const known =
    error instanceof BelfryError ? error : new BelfryError('internal-error', 'Something went wrong', { cause: error });
  // What has a cause is not the asker's doing alone.
  if (known.status >= 500 || known.cause !== undefined)
    logger.error('A request failed', { id: known.id, cause: String(known.cause) });
  return known;
}

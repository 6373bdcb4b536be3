import { StoreError } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { unusableStore } from '../unusable-store.ts';
import type { Admission, AddressLimit, CountedRequest } from './limits/address-limit.ts';
import { errorAnswer } from './answers.ts';
import type { CheckApiKey } from './api-keys.ts';
import { errorPlace } from './error-place.ts';
import type { ReportFault } from './fault-log.ts';
import type { Identity } from './identify.ts';
import type { PassLimit } from './limits/pass-limit.ts';
import { PacedRefusalError, type RateLimit } from './limits/rate-limit.ts';
import type { RefusalQueue } from './limits/refusal-queue.ts';

/** A request that its address's limit has let in. */
export interface Visit extends Admission {
  /**
   * Who is signed in; throws `not-signed-in` for nobody. The request is proven once the user's own limit has let it through: one
   * that is refused counts for its address, so that a user who goes on asking does not have `authenticate` called each time.
   */
  identify(limit: RateLimit): Promise<Identity>;
  /** How long ago the request came, in milliseconds. */
  ageMs(): number;
  /** The hash of its API key, which proves the request; throws `invalid-api-key`. */
  apiKey(): string;
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
  /** Of `GET /public-key` alone: every web page can have its visitors' browsers ask for it. */
  readonly limitPublicKey: AddressLimit;
  readonly passLimit: PassLimit;
  readonly checkApiKey: CheckApiKey;
  readonly refusals: RefusalQueue;
  readonly clock: Clock;
}

/** How a request comes to the handler. */
export interface HandlerContext {
  identify(): Promise<Identity>;
  readonly clientAddress: string | undefined;
}

const PUBLIC_KEY_PATH = '/public-key';

interface Arrived {
  readonly request: Request;
  readonly path: string;
  readonly visit: Visit;
}

/** What of an error is told. */
interface Failure extends Pick<BelfryError, 'id' | 'message' | 'status' | 'retryAfterS'> {
  /** It waits for its turn (`RefusalQueue`). */
  readonly isPaced: boolean;
}

/** Counts the address, finds the route, and turns what it throws into an answer; never rejects. */
export function createHandler(
  options: HandlerOptions,
): (request: Request, context: HandlerContext) => Promise<Response> {
  const { prefix, reportFault, passLimit, refusals, clock } = options;
  const routes = Object.entries(options.routes).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replace(/:\w+/v, '([^\\/]*)')}$`, 'v'),
    methods: new Map(Object.entries(methods)),
  }));
  // Not one async function: it would keep the request in memory for as long as its refusal waits. 4,000 strangers left 4 MB a
  // second for the garbage collector to copy that way (8.2 KB each, now 5), and each collection held up everybody else.
  return (request, context) => attempt(request, context).then(respond);

  async function attempt(request: Request, context: HandlerContext): Promise<Response | Failure> {
    const path = pathOf(request);
    const limit = path === PUBLIC_KEY_PATH ? options.limitPublicKey : options.limitAddress;
    const counted = limit(context.clientAddress);
    try {
      const pass = admit(request, counted);
      return await answer({ request, path, visit: visitOf(request, { context, pass }) });
    } catch (error) {
      // The error itself has a stack, which refers to the request.
      const { id, message, status, retryAfterS } = toBelfryError(error, reportFault);
      return { id, message, status, retryAfterS, isPaced: error instanceof PacedRefusalError };
    }
  }

  function admit(request: Request, counted: CountedRequest): Admission {
    const { refused } = counted;
    if (refused === undefined) return counted;
    const pass = passLimit.pass(request);
    if (pass === undefined) throw new PacedRefusalError(refused);
    return pass;
  }

  async function respond(outcome: Response | Failure): Promise<Response> {
    if (outcome instanceof Response) return outcome;
    const { retryAfterS, isPaced } = outcome;
    if (isPaced) await refusals.wait();
    return errorAnswer(outcome, retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) });
  }

  function pathOf({ url }: Request): string {
    const { pathname } = new URL(url);
    return pathname.startsWith(prefix) ? pathname.slice(prefix.length) : '';
  }

  function visitOf(request: Request, { context, pass }: { context: HandlerContext; pass: Admission }): Visit {
    const cameAt = clock.elapsed();
    return {
      proven: () => pass.proven(),
      ageMs: () => clock.elapsed() - cameAt,
      async identify(limit) {
        const identity = await context.identify();
        limit(identity.userId);
        pass.proven();
        passLimit.remember(request, identity.userId);
        return identity;
      },
      apiKey() {
        const key = options.checkApiKey(request);
        if (key === undefined) {
          throw new BelfryError('invalid-api-key', 'Send a valid API key as "Authorization: Bearer KEY"');
        }
        pass.proven();
        return key;
      },
    };
  }

  async function answer({ request, path, visit }: Arrived): Promise<Response> {
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
  const cause = error instanceof BelfryError ? error.cause : error;
  const unusable = unusableStore(cause);
  if (unusable !== undefined) return unusable;
  // A user or device has too many changes under way, which is nothing to report.
  if (cause instanceof StoreError && cause.code === 'store-busy') {
    return new BelfryError('too-many-requests', 'Too many requests like this one wait already', { retryAfterS: 1 });
  }
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

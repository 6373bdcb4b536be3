import { ControlError } from './control-error.ts';
import type { ControlRoute } from './control-route.ts';
import { CONTROL_ROUTES } from './control-routes.ts';

// More digits than a number of ours has; longer ones would not be exact.
const PATTERNS = CONTROL_ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(':id', '([1-9]\\d{0,14})')}$`),
}));

/** @throws {ControlError} `not-found`, `method-not-allowed` */
export function findRoute(
  path: string,
  method: string | undefined,
): { readonly route: ControlRoute; readonly id: number } {
  const there = PATTERNS.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ route, id: Number(match[1] ?? 0) }];
  });
  if (there.length === 0)
    throw new ControlError('not-found', 'There is no such path. See /api/pushes, or the page at /');
  const found = there.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  const allow = there.map(({ route }) => route.method).join(', ');
  throw new ControlError('method-not-allowed', `Only ${allow}`, { allow });
}

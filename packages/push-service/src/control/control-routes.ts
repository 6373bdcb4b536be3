import type { ControlRoute } from './control-route.ts';
import { FAULT_ROUTES } from './fault-routes.ts';
import { PUSH_ROUTES } from './push-routes.ts';
import { SERVICE_ROUTES } from './service-routes.ts';
import { SUBSCRIPTION_ROUTES } from './subscription-routes.ts';

/** The control API, as docs/reference/push-service-control.md lists it. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  ...SERVICE_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...FAULT_ROUTES,
  ...PUSH_ROUTES,
];

import { pushServiceOf } from '@belfry/protocol';
import type { Logger } from '../effects.ts';
import type { OriginGateOptions } from './origin-gate.ts';

/**
 * Tells the operator once that a push service refuses this server, and once that it no longer does. `fault` is stable, so
 * that an alert can be set on it: `vapid-refused`, or `clock-skewed` where that is why.
 */
export function configurationFaultLog(logger: Logger): Pick<OriginGateOptions, 'onFault' | 'onMended'> {
  return {
    onFault({ origin }, { status, reason, clockSkewMs }, refusedDevices) {
      const where = { pushService: pushServiceOf(origin).name, origin, status, reason, refusedDevices };
      if (clockSkewMs === undefined) {
        logger.error('A push service refuses this server: check the VAPID keys and their subject', {
          fault: 'vapid-refused',
          ...where,
        });
      } else {
        logger.error("A push service refuses this server, whose clock is far from the service's: set the clock", {
          fault: 'clock-skewed',
          ...where,
          clockSkewMs,
        });
      }
    },
    onMended({ origin }) {
      logger.info('A push service takes messages of this server again', {
        pushService: pushServiceOf(origin).name,
        origin,
      });
    },
  };
}

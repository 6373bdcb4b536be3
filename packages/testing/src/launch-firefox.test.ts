import { launchContract } from './launch-contract.ts';
import { launchFirefox } from './launch-firefox.ts';

launchContract({
  name: 'launchFirefox',
  module: new URL('launch-firefox.ts', import.meta.url),
  launch: launchFirefox,
});

import { launchContract } from './launch-contract.ts';
import { launchChromium } from './launch-chromium.ts';

launchContract({
  name: 'launchChromium',
  module: new URL('launch-chromium.ts', import.meta.url),
  launch: launchChromium,
});

import { launchChromium } from '../launch-chromium.ts';
import { pageContract } from '../page-contract.ts';
import { noPushService } from '../serve-pages.test-data.ts';

pageContract({ name: 'Chromium', launch: () => launchChromium({ pushService: noPushService }) });

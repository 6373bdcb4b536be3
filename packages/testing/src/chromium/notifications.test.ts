import { launchChromium } from '../launch-chromium.ts';
import { notificationContract } from '../notification-contract.ts';
import { noPushService } from '../serve-pages.test-data.ts';

notificationContract({ name: 'Chromium', launch: () => launchChromium({ pushService: noPushService }) });

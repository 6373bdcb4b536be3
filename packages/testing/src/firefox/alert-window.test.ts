import { launchFirefox } from '../launch-firefox.ts';
import { notificationContract } from '../notification-contract.ts';
import { noPushService } from '../serve-pages.test-data.ts';

notificationContract({ name: 'Firefox', launch: () => launchFirefox({ pushService: noPushService }) });

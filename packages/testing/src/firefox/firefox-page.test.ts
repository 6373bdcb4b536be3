import { launchFirefox } from '../launch-firefox.ts';
import { pageContract } from '../page-contract.ts';
import { noPushService } from '../serve-pages.test-data.ts';

pageContract({ name: 'Firefox', launch: () => launchFirefox({ pushService: noPushService }) });

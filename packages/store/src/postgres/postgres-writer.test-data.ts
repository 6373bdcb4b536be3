import { saveWithoutEnd } from '../contract/save-without-end.test-data.ts';
import { postgres } from './postgres.ts';

const [url = '', schema = ''] = process.argv.slice(2);
await saveWithoutEnd(await postgres({ url, schema })());

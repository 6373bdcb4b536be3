import { saveWithoutEnd } from '../contract/save-without-end.test-data.ts';
import { sqlite } from './sqlite.ts';

await saveWithoutEnd(await sqlite(process.argv[2] ?? '')());

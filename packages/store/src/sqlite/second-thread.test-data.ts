import { parentPort, workerData } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { sqlite } from './sqlite.ts';

// Opens a store in a worker thread, which has its own copies of all modules, and tells the code of the error.

const path: string = workerData;
try {
  await (await sqlite(path)()).close();
  parentPort?.postMessage(null);
} catch (error) {
  parentPort?.postMessage(error instanceof StoreError ? error.code : String(error));
}

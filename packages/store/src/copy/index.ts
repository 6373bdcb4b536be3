export {
  type CopiedTable,
  type CopyProgress,
  type CopyReport,
  type CopyStoreOptions,
  copyStore,
} from './copy-store.ts';

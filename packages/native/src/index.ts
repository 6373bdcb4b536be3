export { type Addon, loadAddon } from './addon.ts';
export { type LoadNativeEncryptorOptions, loadNativeEncryptor } from './load-native-encryptor.ts';

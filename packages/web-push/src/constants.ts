/** What `contentEncoding` may be: RFC 8188's, and that of its fourth draft, which old browsers want. */
export const supportedContentEncodings: { readonly AES_GCM: 'aesgcm'; readonly AES_128_GCM: 'aes128gcm' } = {
  AES_GCM: 'aesgcm',
  AES_128_GCM: 'aes128gcm',
};

/** What `urgency` may be (RFC 8030 §5.3). */
export const supportedUrgency: {
  readonly VERY_LOW: 'very-low';
  readonly LOW: 'low';
  readonly NORMAL: 'normal';
  readonly HIGH: 'high';
} = { VERY_LOW: 'very-low', LOW: 'low', NORMAL: 'normal', HIGH: 'high' };

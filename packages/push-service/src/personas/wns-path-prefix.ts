/**
 * What comes before our token in an endpoint of WNS's form: with it over 255 characters, and with escapes in lower case
 * hex, as the service's own have them. Compared byte for byte, so that a sender that decodes or re-encodes its endpoints
 * (`%2b` to `+` or `%2B`) gets 404.
 */
export const WNS_PATH_PREFIX: string = `/w/?token=BQYAAAC${'xEJ3kD9r%2bVQz7hT4m%2fGs'.repeat(9)}`;

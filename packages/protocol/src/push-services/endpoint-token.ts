/**
 * Source of a regular expression for one token, the last segment of an endpoint's path: base64url, and the `:` of FCM. Browsers
 * write it as they get it, so nothing in it is percent-encoded. A token has one spelling by this: a service may decode `%3A` or
 * leave out a `=`, and each further spelling would be another device of the same browser.
 */
export const ENDPOINT_TOKEN: string = String.raw`(?<token>[\w:\-]+)`;

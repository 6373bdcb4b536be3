/**
 * Source of a regular expression for one token, the last segment of an endpoint's path. It has the characters that push
 * services use: base64, and the `:` of FCM, some of them perhaps percent-encoded. `/`, `%2e`, `%2f`, `%5c` and control
 * characters are never part of it: a server that decodes them would serve another page than that of a subscription.
 */
export const ENDPOINT_TOKEN: string = String.raw`(?:[\w.~:=+\-]|%(?:2[Bb]|3[AaDd]))+`;

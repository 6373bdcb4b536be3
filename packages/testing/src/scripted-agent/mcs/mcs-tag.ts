/** The kinds of MCS messages (mcs.proto, as Chromium 156 has it). */
export const MCS_TAG = {
  heartbeatPing: 0,
  heartbeatAck: 1,
  loginRequest: 2,
  loginResponse: 3,
  close: 4,
  iqStanza: 7,
  dataMessageStanza: 8,
  streamErrorStanza: 10,
} as const;

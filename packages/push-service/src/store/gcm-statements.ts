export type GcmStatementName = 'addDevice' | 'findDevice' | 'nameChannel' | 'findRegistration';

export const GCM_STATEMENTS: Readonly<Record<GcmStatementName, string>> = {
  addDevice: `
    INSERT INTO gcm_devices (android_id, security_token, uaid) VALUES (:androidId, :securityToken, :uaid)`,
  findDevice: `SELECT uaid FROM gcm_devices WHERE android_id = :androidId AND security_token = :securityToken`,
  // A channel's id is made of the two names, so they never change.
  nameChannel: `
    INSERT OR IGNORE INTO gcm_registrations (channel_id, app, subtype) VALUES (:channelId, :app, :subtype)`,
  findRegistration: `
    SELECT app, subtype, vapid_key FROM gcm_registrations JOIN channels USING (channel_id)
    WHERE channel_id = :channelId AND live = 1`,
};

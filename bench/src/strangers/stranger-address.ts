/** The address of all strangers of the row `one-address`, and of those who ask beside them. */
export const STRANGER_ADDRESS = '192.0.2.1';

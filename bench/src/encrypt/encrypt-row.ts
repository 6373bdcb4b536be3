/** One turn of each variant: CPU µs of a message, user and system, or of one time of the floor. */
export interface Slice {
  /** One P-256 key pair and one ECDH. */
  readonly floor: number;
  readonly webPush: number;
  readonly typescript: number;
  readonly native: number;
}

/** What was measured of one encryptor: medians of the slices, in CPU µs of a message. */
export interface EncryptRow {
  readonly name: 'typescript' | 'native';
  readonly belfryUs: number;
  readonly webPushUs: number;
  /** How many times as much web-push takes. */
  readonly ratio: number;
  readonly opensslFloorUs: number;
  readonly overFloor: number;
}

export function encryptRow(name: EncryptRow['name'], slices: readonly Slice[]): EncryptRow {
  const of = (variant: keyof Slice): number => median(slices.map((slice) => slice[variant]));
  return {
    name,
    belfryUs: rounded(of(name)),
    webPushUs: rounded(of('webPush')),
    ratio: rounded(of('webPush') / of(name)),
    opensslFloorUs: rounded(of('floor')),
    overFloor: rounded(of(name) / of('floor')),
  };
}

/** How far the floor, which is always the same work, went from its median, upwards: near 0 on a quiet machine. */
export function noise(slices: readonly Slice[]): number {
  const floors = slices.map(({ floor }) => floor);
  return rounded(Math.max(...floors) / median(floors) - 1);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

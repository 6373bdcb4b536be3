/** The names of what a package.json declares. */
export interface Manifest {
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  readonly peerDependencies: ReadonlySet<string>;
  /** Those of the peerDependencies that peerDependenciesMeta says are optional. */
  readonly optionalPeers: ReadonlySet<string>;
}

type DependencyField = Exclude<keyof Manifest, 'optionalPeers'>;

export function parseManifest(text: string): Manifest {
  const manifest: Partial<Record<DependencyField, Record<string, string>>> & {
    readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
  } = JSON.parse(text);
  const names = (field: DependencyField) => new Set(Object.keys(manifest[field] ?? {}));
  const peers = Object.entries(manifest.peerDependenciesMeta ?? {});
  return {
    dependencies: names('dependencies'),
    devDependencies: names('devDependencies'),
    peerDependencies: names('peerDependencies'),
    optionalPeers: new Set(peers.flatMap(([name, { optional }]) => (optional === true ? [name] : []))),
  };
}

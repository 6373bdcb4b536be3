/** The names of what a package.json declares. */
export interface Manifest {
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  readonly peerDependencies: ReadonlySet<string>;
}

export function parseManifest(text: string): Manifest {
  const manifest: Partial<Record<keyof Manifest, Record<string, string>>> = JSON.parse(text);
  const names = (field: keyof Manifest) => new Set(Object.keys(manifest[field] ?? {}));
  return {
    dependencies: names('dependencies'),
    devDependencies: names('devDependencies'),
    peerDependencies: names('peerDependencies'),
  };
}

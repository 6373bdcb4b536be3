import { join } from 'node:path/posix';
import { type Manifest, parseManifest } from './manifest.ts';
import type { SourceFile } from './repository.ts';
import { perSource, type Rule } from './violation.ts';

/** The folders of packages/, lowest first: the order to read them in, and the only direction of imports. */
const PACKAGE_ORDER: readonly string[] = [
  'protocol',
  'native',
  'store',
  'server',
  'fastify',
  'client',
  'worker',
  'push-service',
  'web-push',
  'testing',
  'cli',
];

/** The adapters: only they know a web framework. */
const ADAPTERS: readonly string[] = ['fastify'];
const WEB_FRAMEWORK = /^(@?(fastify|express|hono|koa|hapi|nestjs|h3|polka|restify|elysia|next)|fastify-plugin)(\/|$)/;

/** Whether a specifier is a package or one of its subpaths. */
const isOf = (name: string) => (specifier: string) => specifier === name || specifier.startsWith(`${name}/`);
const isRelative = (specifier: string) => /^\.\.?\//.test(specifier);

/** 'server' of packages/server/src/…; undefined elsewhere. */
export function packageOf({ path }: SourceFile): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}

/** What a test of any package may import: a real push service, where a made-up one would agree with who made it up. */
const FOR_TESTS = isOf('@belfry/push-service');

/** A package imports only those below it, by their names. */
const packageOrder = perSource('package-order', (source) => {
  const own = packageOf(source);
  if (own === undefined) return [];
  if (!PACKAGE_ORDER.includes(own)) {
    return [{ line: 1, advice: `give packages/${own} its place in PACKAGE_ORDER (tools/invariants/import-rules.ts)` }];
  }
  const below = PACKAGE_ORDER.slice(0, PACKAGE_ORDER.indexOf(own));
  return source.imports.flatMap(({ text, line }) => {
    if (isRelative(text)) {
      const target = join(source.path, '..', text);
      if (target.startsWith(`packages/${own}/`)) return [];
      return [{ line, advice: `${text} leaves packages/${own}: import the other package by its name` }];
    }
    const imported = /^@belfry\/([^/]+)/.exec(text)?.[1];
    if (imported === undefined || below.includes(imported) || (source.isTest && FOR_TESTS(text))) return [];
    return [{ line, advice: `@belfry/${imported} is not below @belfry/${own}: move what both need further down` }];
  });
});

/** Each @belfry import is declared by its workspace, and nothing published rests on a development dependency. */
const declaredImports = perSource('declared-imports', (source, { manifests }) => {
  const manifest = manifests.get(source.workspace);
  const { dependencies, peerDependencies, devDependencies } = manifest ?? {};
  return source.imports.flatMap(({ text, line }) => {
    const name = /^@belfry\/[^/]+/.exec(text)?.[0];
    if (name === undefined) return [];
    const declared = dependencies?.has(name) || peerDependencies?.has(name);
    if (declared || (source.isTest && devDependencies?.has(name))) return [];
    return [{ line, advice: `declare ${name} in the dependencies of ${source.workspace}/package.json` }];
  });
});

/** Protocol depends on nothing but Node's own crypto. */
const protocolImports = perSource('protocol-imports', (source) =>
  packageOf(source) !== 'protocol' || source.isTest
    ? []
    : source.imports
        .filter(({ text }) => !isRelative(text) && text !== 'node:crypto')
        .map(({ text, line }) => ({ line, advice: `protocol imports only node:crypto: do without ${text}` })),
);

const BROWSER_PACKAGES: readonly string[] = ['client', 'worker'];

/**
 * Client and worker import nothing but their own files, and have no dependencies. A folder that is named after an optional peer
 * may import that too, and nothing outside of the folder imports from it.
 */
const browserImports: Rule = (repository) => [
  ...perSource('browser-imports', (source, { manifests }) => {
    if (!BROWSER_PACKAGES.includes(packageOf(source) ?? '') || source.isTest) return [];
    const peers = [...(manifests.get(source.workspace)?.optionalPeers ?? [])];
    const isOfPeer = (path: string, peer: string) => path.startsWith(`${source.workspace}/src/${peer}/`);
    return source.imports.flatMap(({ text, line }) => {
      if (!isRelative(text)) {
        if (peers.includes(text) && isOfPeer(source.path, text)) return [];
        return [{ line, advice: `it runs in a browser, alone: do without ${text}` }];
      }
      const target = join(source.path, '..', text);
      const needed = peers.find((peer) => isOfPeer(target, peer) && !isOfPeer(source.path, peer));
      return needed === undefined ? [] : [{ line, advice: `${needed} is optional: do without ${text}` }];
    });
  })(repository),
  ...BROWSER_PACKAGES.filter((name) => hasRequired(repository.manifests.get(`packages/${name}`))).map((name) => ({
    file: `packages/${name}/package.json`,
    line: 1,
    rule: 'browser-imports' as const,
    advice: 'it runs in a browser, alone: remove its dependencies; a peer may be optional',
  })),
];

function hasRequired(manifest: Manifest | undefined): boolean {
  const { dependencies, peerDependencies, optionalPeers } = manifest ?? parseManifest('{}');
  return dependencies.size > 0 || [...peerDependencies].some((peer) => !optionalPeers.has(peer));
}

/** The push service shares only protocol with the server. */
const pushServiceImports = perSource('push-service-imports', (source) =>
  packageOf(source) === 'push-service'
    ? source.imports
        .filter(({ text }) => text.startsWith('@belfry/') && !isOf('@belfry/protocol')(text))
        .map(({ text, line }) => ({ line, advice: `the push service shares only protocol: do without ${text}` }))
    : [],
);

/** Testing starts a push service and works with any application server: it knows nothing of ours. */
const TESTING_IMPORTS = ['@belfry/protocol', '@belfry/push-service'];
const testingImports = perSource('testing-imports', (source) =>
  packageOf(source) === 'testing' && !source.isTest
    ? source.imports
        .filter(({ text }) => text.startsWith('@belfry/') && !TESTING_IMPORTS.some((name) => isOf(name)(text)))
        .map(({ text, line }) => ({ line, advice: `testing works with any server: do without ${text}` }))
    : [],
);

/** Of the packages, only adapters know a web framework. */
const webFramework = perSource('web-framework', (source) => {
  const own = packageOf(source);
  if (own === undefined || ADAPTERS.includes(own)) return [];
  return source.imports
    .filter(({ text }) => WEB_FRAMEWORK.test(text))
    .map(({ text, line }) => ({ line, advice: `only an adapter knows a web framework: do without ${text}` }));
});

export const importRules: readonly Rule[] = [
  packageOrder,
  declaredImports,
  protocolImports,
  browserImports,
  pushServiceImports,
  testingImports,
  webFramework,
];

import { parseSync, Visitor } from 'vite';

/** Something in a source file, and the line it begins on. */
export interface Found {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export interface ParsedSource {
  readonly lineCount: number;
  /** Module specifiers: of imports, types included, re-exports, `import()` and `import('…')` in a type. */
  readonly imports: readonly Found[];
  /** String literals, and template literals with `?` in place of each expression. */
  readonly strings: readonly Found[];
  /** Reads of the system's clock, timers and random numbers: 'Date.now', 'new Date()', 'setTimeout', 'randomBytes'. */
  readonly systemReads: readonly Found[];
}

const SYSTEM_MEMBERS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
]);
const SYSTEM_FUNCTIONS = new Set(['setTimeout', 'setInterval', 'Date']);
/** What node:crypto, node:timers and node:timers/promises export of them. */
const SYSTEM_IMPORTS = /^(random\w+|setTimeout|setInterval|scheduler)$/;

/** Parses rather than searches, because comments and strings speak of imports, statements and clocks too. */
export function parseSource(path: string, text: string): ParsedSource {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  const lineAt = (offset: number): number => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const imports: Found[] = [];
  const strings: Found[] = [];
  const systemReads: Found[] = [];
  const add = (list: Found[], node: { start: number }, value: string) =>
    list.push({ text: value, line: lineAt(node.start) });

  new Visitor({
    ImportDeclaration(node) {
      add(imports, node, node.source.value);
      if (!/^(node:)?(crypto|timers(\/promises)?)$/.test(node.source.value) || node.importKind === 'type') return;
      for (const specifier of node.specifiers) {
        const imported = specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : '';
        if (SYSTEM_IMPORTS.test(imported)) add(systemReads, specifier, imported);
      }
    },
    ExportNamedDeclaration: (node) => void (node.source && add(imports, node, node.source.value)),
    ExportAllDeclaration: (node) => void add(imports, node, node.source.value),
    ImportExpression: (node) => void (isString(node.source) && add(imports, node, node.source.value)),
    TSImportType: (node) => void add(imports, node, node.source.value),
    Literal: (node) => void (isString(node) && add(strings, node, node.value)),
    TemplateLiteral: (node) => void add(strings, node, node.quasis.map(({ value }) => value.raw).join('?')),
    MemberExpression(node) {
      if (node.computed || node.object.type !== 'Identifier' || node.property.type !== 'Identifier') return;
      const name = `${node.object.name}.${node.property.name}`;
      if (SYSTEM_MEMBERS.has(name)) add(systemReads, node, name);
    },
    CallExpression({ callee }) {
      if (callee.type === 'Identifier' && SYSTEM_FUNCTIONS.has(callee.name)) add(systemReads, callee, callee.name);
    },
    NewExpression(node) {
      const isNow = node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
      if (isNow) add(systemReads, node, 'new Date()');
    },
  }).visit(program);
  return { lineCount: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), imports, strings, systemReads };
}

function isString<Node extends { type: string; value?: unknown }>(node: Node): node is Node & { value: string } {
  return node.type === 'Literal' && typeof node.value === 'string';
}

function nameOf(imported: { type: 'Identifier'; name: string } | { type: 'Literal'; value: string }): string {
  return imported.type === 'Identifier' ? imported.name : imported.value;
}

import { readFileSync } from 'node:fs';

export interface PageFile {
  readonly contentType: string;
  readonly content: Uint8Array;
}

const NAMES = [
  'index.html',
  'style.css',
  'icon.svg',
  'page.js',
  'coalesced.js',
  'control-api.js',
  'describe-push.js',
  'element.js',
  'fault-panel.js',
  'push-detail.js',
  'push-list.js',
  'subscription-panel.js',
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The page of the service by path, read from beside this module. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  return new Map(
    NAMES.map((name) => [
      name === 'index.html' ? '/' : `/${name}`,
      {
        contentType: CONTENT_TYPES[name.split('.')[1] ?? ''] ?? '',
        content: readFileSync(new URL(`./page/${name}`, import.meta.url)),
      },
    ]),
  );
}

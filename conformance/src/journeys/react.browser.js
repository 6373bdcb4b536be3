import { createElement, StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { App, told } from './react-app.js';

// React's development build, which warns; whatever goes wrong is for the test to see.
const complaints = [];
for (const level of ['error', 'warn']) console[level] = (...args) => complaints.push(args.map(String).join(' '));
addEventListener('error', ({ message }) => complaints.push(message));
addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)));

// How often a listener for the worker's messages was added, and how many there are.
let added = 0;
let listening = 0;
const container = navigator.serviceWorker;
const { addEventListener: add, removeEventListener: remove } = container;
container.addEventListener = (type, ...rest) => {
  if (type === 'message') [added, listening] = [added + 1, listening + 1];
  add.call(container, type, ...rest);
};
container.removeEventListener = (type, ...rest) => {
  if (type === 'message') listening -= 1;
  remove.call(container, type, ...rest);
};

globalThis.seen = () => ({ complaints, told, added, listening });

const root = document.getElementById('root');
const user = new URL(location).searchParams.get('user');
const app = createElement(StrictMode, null, createElement(App, { user }));
if (location.pathname === '/rendered-here') createRoot(root).render(app);
else hydrateRoot(root, app);

import type { ReactNode } from 'react';

export function App(props: { readonly user: string | null }): ReactNode;

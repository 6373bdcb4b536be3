import { type Context, createContext } from 'react';
import type { PushClient } from '../push-client.ts';

/** The client of the nearest PushProvider; null where there is none. */
export const PushContext: Context<PushClient | null> = createContext<PushClient | null>(null);

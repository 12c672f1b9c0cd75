import { createContext } from 'react';
import type { Teller } from '../format/teller';

export const TellerContext = createContext<Teller | undefined>(undefined);

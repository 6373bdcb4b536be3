import { readFileSync, writeFileSync } from 'node:fs';
import { README, withFigures } from './readme-figures.ts';

writeFileSync(README, withFigures(readFileSync(README, 'utf8')));

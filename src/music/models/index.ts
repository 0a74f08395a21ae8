import { generateMusic } from './generate-music.js';
import { minimaxMusic } from './minimax-music.js';

/** All models of this room, those known only from PoYo included. */
export const musicModels = [...generateMusic, ...minimaxMusic];

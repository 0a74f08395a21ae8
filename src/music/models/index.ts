import { elevenlabsMusic } from './elevenlabs-music.js';
import { generateMusic } from './generate-music.js';
import { minimaxMusic } from './minimax-music.js';
import { musicEdit } from './music-edit.js';
import { musicTools } from './music-tools.js';

/** All models of this room, those known only from PoYo included. */
export const musicModels = [
  ...elevenlabsMusic,
  ...generateMusic,
  ...minimaxMusic,
  ...musicEdit,
  ...musicTools,
];

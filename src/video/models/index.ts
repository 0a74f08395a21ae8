import { seedance2 } from './seedance-2.js';
import { veo31Official } from './veo-3.1-official.js';
import { veo31 } from './veo-3.1.js';

/** All models of this room, those known only from PoYo included. */
export const videoModels = [...seedance2, ...veo31, ...veo31Official];

import { meshy6 } from './meshy-6.js';

/** All models of this room, those known only from PoYo included. */
export const threeDModels = [...meshy6];

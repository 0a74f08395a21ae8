import { hunyuan3d31 } from './hunyuan-3d-3.1.js';
import { meshy6 } from './meshy-6.js';
import { tripoH31 } from './tripo-h3.1.js';
import { tripoP1 } from './tripo-p1.js';

/** All models of this room, those known only from PoYo included. */
export const threeDModels = [...hunyuan3d31, ...meshy6, ...tripoH31, ...tripoP1];

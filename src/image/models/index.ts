import { flux2 } from './flux-2.js';
import { gptImage2 } from './gpt-image-2.js';

/** All models of this room, those known only from PoYo included. */
export const imageModels = [...gptImage2, ...flux2];

import { flux1 } from './flux-1.js';
import { flux2 } from './flux-2.js';
import { fluxKontext } from './flux-kontext.js';
import { gpt4oImage } from './gpt-4o-image.js';
import { gptImage1Official, gptImage15, gptImage15Official } from './gpt-image-1.js';
import { gptImage2 } from './gpt-image-2.js';
import { grokImagine } from './grok-imagine.js';
import { klingO1Image, klingO3Image } from './kling-image.js';
import { nanoBanana2Lite } from './nano-banana-2-lite.js';
import { nanoBanana2 } from './nano-banana-2.js';
import { nanoBananaPro } from './nano-banana-pro.js';
import { nanoBanana } from './nano-banana.js';
import { poyoAi } from './poyo-ai.js';
import { qwenImage3 } from './qwen-image-3.js';
import { seedream4 } from './seedream-4.js';
import { seedream45 } from './seedream-4.5.js';
import { seedream50Lite } from './seedream-5.0-lite.js';
import { seedream50Pro } from './seedream-5.0-pro.js';
import { seedream50 } from './seedream-5.0.js';
import { wan27Image } from './wan-2.7-image.js';
import { zImage } from './z-image.js';

/** All models of this room, those known only from PoYo included. */
export const imageModels = [
  ...flux1,
  ...flux2,
  ...fluxKontext,
  ...gpt4oImage,
  ...gptImage1Official,
  ...gptImage15,
  ...gptImage15Official,
  ...gptImage2,
  ...grokImagine,
  ...klingO1Image,
  ...klingO3Image,
  ...nanoBanana,
  ...nanoBanana2,
  ...nanoBanana2Lite,
  ...nanoBananaPro,
  ...poyoAi,
  ...qwenImage3,
  ...seedream4,
  ...seedream45,
  ...seedream50,
  ...seedream50Lite,
  ...seedream50Pro,
  ...wan27Image,
  ...zImage,
];

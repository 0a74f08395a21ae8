import { flux3 } from './flux-3.js';
import { grokImagineVideo15 } from './grok-imagine-video-1.5.js';
import { grokImagine } from './grok-imagine.js';
import { hailuo02 } from './hailuo-02.js';
import { hailuo03 } from './hailuo-03.js';
import { hailuo23 } from './hailuo-2.3.js';
import { happyHorse } from './happy-horse.js';
import { kling16 } from './kling-1.6.js';
import { kling21 } from './kling-2.1.js';
import { kling25 } from './kling-2.5.js';
import { kling26 } from './kling-2.6.js';
import { kling30Turbo } from './kling-3.0-turbo.js';
import { kling30 } from './kling-3.0.js';
import { klingAvatar20 } from './kling-avatar-2.0.js';
import { klingO3 } from './kling-o3.js';
import { omniFlash } from './omni-flash.js';
import { poyoAi } from './poyo-ai.js';
import { runwayGen45 } from './runway-gen-4.5.js';
import { seedance1 } from './seedance-1.js';
import { seedance2Mini } from './seedance-2-mini.js';
import { seedance25 } from './seedance-2.5.js';
import { seedance2 } from './seedance-2.js';
import { sora2Official } from './sora-2-official.js';
import { sora2 } from './sora-2.js';
import { veo31Official } from './veo-3.1-official.js';
import { veo31 } from './veo-3.1.js';
import { wan22 } from './wan-2.2.js';
import { wan25 } from './wan-2.5.js';
import { wan26 } from './wan-2.6.js';
import { wan27 } from './wan-2.7.js';
import { wanAnimate } from './wan-animate.js';

/** All models of this room, those known only from PoYo included. */
export const videoModels = [
  ...flux3,
  ...grokImagine,
  ...grokImagineVideo15,
  ...hailuo02,
  ...hailuo03,
  ...hailuo23,
  ...happyHorse,
  ...kling16,
  ...kling21,
  ...kling25,
  ...kling26,
  ...kling30,
  ...kling30Turbo,
  ...klingAvatar20,
  ...klingO3,
  ...omniFlash,
  ...poyoAi,
  ...runwayGen45,
  ...seedance1,
  ...seedance2,
  ...seedance2Mini,
  ...seedance25,
  ...sora2,
  ...sora2Official,
  ...veo31,
  ...veo31Official,
  ...wan22,
  ...wan25,
  ...wan26,
  ...wan27,
  ...wanAnimate,
];

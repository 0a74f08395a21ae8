// The module and what it registers.
export { VideoModule } from './video.module.js';
export { type VideoModuleOptions } from './video.module-definition.js';
export { videoKind } from './video.kind.js';

// What a valid input is, as classes.
export {
  Flux3ExtendVideo,
  Flux3FramesToVideo,
  Flux3ImageToVideo,
  Flux3Keyframe,
  Flux3KeyframesToVideo,
  Flux3TextToVideo,
} from './models/flux-3.js';
export {
  GrokImagineVideo15ImageToVideo,
  GrokImagineVideo15ReferenceToVideo,
  GrokImagineVideo15TextToVideo,
} from './models/grok-imagine-video-1.5.js';
export { GrokImagineImageToVideo, GrokImagineTextToVideo } from './models/grok-imagine.js';
export {
  Hailuo02ImageToVideo,
  Hailuo02ProImageToVideo,
  Hailuo02ProTextToVideo,
  Hailuo02TextToVideo,
} from './models/hailuo-02.js';
export { Hailuo03 } from './models/hailuo-03.js';
export { Hailuo23ImageToVideo, Hailuo23TextToVideo } from './models/hailuo-2.3.js';
export {
  HappyHorse11,
  HappyHorseImageToVideo,
  HappyHorseReferenceToVideo,
  HappyHorseTextToVideo,
  HappyHorseVideoEdit,
} from './models/happy-horse.js';
export { Kling16Pro, Kling16Standard } from './models/kling-1.6.js';
export { Kling21Pro, Kling21Standard } from './models/kling-2.1.js';
export { Kling25ImageToVideo, Kling25TextToVideo } from './models/kling-2.5.js';
export {
  Kling26ImageToVideo,
  Kling26ImageToVideoAtPoyo,
  Kling26MotionControl,
  Kling26TextToVideo,
  Kling26TextToVideoAtPoyo,
} from './models/kling-2.6.js';
export {
  Kling30TurboImageToVideo,
  Kling30TurboShot,
  Kling30TurboTextToVideo,
} from './models/kling-3.0-turbo.js';
export {
  Kling30Element,
  Kling30FaceElement,
  Kling30FourKImageToVideo,
  Kling30FourKTextToVideo,
  Kling30ImageToVideo,
  Kling30MotionControl,
  Kling30MotionControlAtPoyo,
  Kling30Shot,
  Kling30TextToVideo,
} from './models/kling-3.0.js';
export { KlingAvatar20 } from './models/kling-avatar-2.0.js';
export {
  KlingO3Element,
  KlingO3ImageToVideo,
  KlingO3ReferenceToVideo,
  KlingO3Shot,
  KlingO3TextToVideo,
} from './models/kling-o3.js';
export { OmniFlashImageToVideo, OmniFlashTextToVideo, OmniFlashVideoToVideo } from './models/omni-flash.js';
export { PoyoVideoBackgroundRemoval, PoyoVideoTranslate, PoyoVideoUpscale } from './models/poyo-ai.js';
export { RunwayGen45ImageToVideo, RunwayGen45TextToVideo } from './models/runway-gen-4.5.js';
export {
  Seedance10ProImageToVideo,
  Seedance10ProTextToVideo,
  Seedance15ProImageToVideo,
  Seedance15ProImageToVideoAtPoyo,
  Seedance15ProTextToVideo,
  Seedance15ProTextToVideoAtPoyo,
} from './models/seedance-1.js';
export { Seedance2Mini } from './models/seedance-2-mini.js';
export { Seedance25 } from './models/seedance-2.5.js';
export {
  Seedance2FastFramesToVideo,
  Seedance2FastReferenceToVideo,
  Seedance2FastTextToVideo,
  Seedance2FramesToVideo,
  Seedance2ReferenceToVideo,
  Seedance2TextToVideo,
} from './models/seedance-2.js';
export {
  Sora2OfficialImageToVideo,
  Sora2OfficialTextToVideo,
  Sora2ProOfficialImageToVideo,
  Sora2ProOfficialTextToVideo,
} from './models/sora-2-official.js';
export { Sora2Beta, Sora2ImageToVideo, Sora2TextToVideo } from './models/sora-2.js';
export {
  VeoLiteOfficialFramesToVideo,
  VeoLiteOfficialImageToVideo,
  VeoLiteOfficialTextToVideo,
  VeoOfficialFramesToVideo,
  VeoOfficialImageToVideo,
  VeoOfficialReferenceToVideo,
  VeoOfficialTextToVideo,
} from './models/veo-3.1-official.js';
export {
  Veo31FramesToVideo,
  Veo31LiteTextToVideo,
  Veo31ReferenceToVideo,
  Veo31TextToVideo,
  Veo31Extend,
} from './models/veo-3.1.js';
export { Wan22ImageToVideo, Wan22TextToVideo } from './models/wan-2.2.js';
export { Wan25ImageToVideo, Wan25TextToVideo } from './models/wan-2.5.js';
export { Wan26ImageToVideo, Wan26TextToVideo, Wan26VideoToVideo } from './models/wan-2.6.js';
export {
  Wan27EditVideo,
  Wan27ImageToVideo,
  Wan27ReferenceToVideo,
  Wan27TextToVideo,
} from './models/wan-2.7.js';
export { WanAnimate } from './models/wan-animate.js';

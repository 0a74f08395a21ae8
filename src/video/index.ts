// The module and what it registers.
export { VideoModule } from './video.module.js';
export { type VideoModuleOptions } from './video.module-definition.js';
export { videoKind } from './video.kind.js';

// What a valid input is, as classes.
export {
  Seedance2FastFramesToVideo,
  Seedance2FastReferenceToVideo,
  Seedance2FastTextToVideo,
  Seedance2FramesToVideo,
  Seedance2ReferenceToVideo,
  Seedance2TextToVideo,
} from './models/seedance-2.js';
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
} from './models/veo-3.1.js';

// The module and what it registers.
export { ImageModule } from './image.module.js';
export { type ImageModuleOptions } from './image.module-definition.js';
export { imageKind } from './image.kind.js';

// What a valid input is, as classes.
export { Flux1Edit, Flux1TextToImage } from './models/flux-1.js';
export { Flux2Edit, Flux2TextToImage } from './models/flux-2.js';
export { FluxKontextEdit, FluxKontextTextToImage } from './models/flux-kontext.js';
export { Gpt4oImageEdit, Gpt4oImageTextToImage } from './models/gpt-4o-image.js';
export { GptImage1Edit, GptImage1TextToImage } from './models/gpt-image-1.js';
export { GptImage2Edit, GptImage2TextToImage } from './models/gpt-image-2.js';
export {
  GrokImagineEdit,
  GrokImagineQualityEdit,
  GrokImagineQualityTextToImage,
  GrokImagineTextToImage,
} from './models/grok-imagine.js';
export {
  KlingImageElement,
  KlingO1ImageEdit,
  KlingO3ImageEdit,
  KlingO3ImageTextToImage,
} from './models/kling-image.js';
export { NanoBanana2LiteEdit, NanoBanana2LiteTextToImage } from './models/nano-banana-2-lite.js';
export {
  NanoBanana2Edit,
  NanoBanana2NewEdit,
  NanoBanana2NewTextToImage,
  NanoBanana2OfficialEdit,
  NanoBanana2OfficialTextToImage,
  NanoBanana2TextToImage,
} from './models/nano-banana-2.js';
export { NanoBananaProEdit, NanoBananaProTextToImage } from './models/nano-banana-pro.js';
export { NanoBananaEdit, NanoBananaTextToImage } from './models/nano-banana.js';
export { PixelSize } from './models/pixel-size.js';
export { PoyoImageTranslate } from './models/poyo-ai.js';
export { QwenImage3Edit, QwenImage3TextToImage } from './models/qwen-image-3.js';
export { Seedream45Edit, Seedream45TextToImage } from './models/seedream-4.5.js';
export { Seedream4Edit, Seedream4TextToImage } from './models/seedream-4.js';
export { Seedream50LiteEdit, Seedream50LiteTextToImage } from './models/seedream-5.0-lite.js';
export { Seedream50ProEdit, Seedream50ProTextToImage } from './models/seedream-5.0-pro.js';
export { Seedream50Edit, Seedream50Search, Seedream50TextToImage } from './models/seedream-5.0.js';
export { Wan27ImageEdit, Wan27ImageTextToImage } from './models/wan-2.7-image.js';
export { ZImageEdit, ZImageTextToImage } from './models/z-image.js';

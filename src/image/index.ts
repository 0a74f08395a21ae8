// The module and what it registers.
export { ImageModule } from './image.module.js';
export { type ImageModuleOptions } from './image.module-definition.js';
export { imageKind } from './image.kind.js';

// What a valid input is, as classes.
export { Flux2Edit, Flux2TextToImage } from './models/flux-2.js';
export { GptImage2Edit, GptImage2TextToImage } from './models/gpt-image-2.js';

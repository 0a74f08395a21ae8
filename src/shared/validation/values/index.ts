export { flag, oneOf, type Choice } from './choice.js';
export { either } from './either.js';
export { itemCount, list, type ListOptions } from './list.js';
export { LONGEST_MEDIA_URL, mediaUrl } from './media-url.js';
export { decimal, whole, type Bounds } from './numbers.js';
export { shape } from './shape.js';
export { reference, text, type TextOptions } from './text.js';

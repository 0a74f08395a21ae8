import { Whole } from '../../shared/validation/index.js';

/** An exact size in pixels. No bounds are published by any model that takes it. */
export class PixelSize {
  @Whole()
  width: number;

  @Whole()
  height: number;
}

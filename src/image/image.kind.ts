import { offeredModels } from '../shared/validation/index.js';
import { type Kind } from '../tasks/index.js';
import { type ImageModuleOptions } from './image.module-definition.js';
import { imageModels } from './models/index.js';

/**
 * The kind as the core takes it.
 *
 * @throws TypeError naming the option or model that makes no sense
 */
export const imageKind = (options: ImageModuleOptions = {}): Kind => ({
  domain: 'image',
  timing: { firstPollMs: 5_000, pollCapMs: 15_000, usualMs: 60_000, overdueMs: 600_000 },
  hasDetail: false,
  models: offeredModels('image', imageModels, options),
});

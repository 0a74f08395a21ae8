import { offeredModels } from '../shared/validation/index.js';
import { type Kind } from '../tasks/index.js';
import { type VideoModuleOptions } from './video.module-definition.js';
import { videoModels } from './models/index.js';

/**
 * The kind as the core takes it.
 *
 * @throws TypeError naming the option or model that makes no sense
 */
export const videoKind = (options: VideoModuleOptions = {}): Kind => ({
  domain: 'video',
  timing: { firstPollMs: 15_000, pollCapMs: 60_000, usualMs: 180_000, overdueMs: 2_700_000 },
  hasDetail: false,
  models: offeredModels('video', videoModels, options),
});

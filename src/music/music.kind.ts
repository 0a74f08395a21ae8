import { offeredModels } from '../shared/validation/index.js';
import { type Kind } from '../tasks/index.js';
import { type MusicModuleOptions } from './music.module-definition.js';
import { musicModels } from './models/index.js';

/**
 * The kind as the core takes it.
 *
 * @throws TypeError naming the option or model that makes no sense
 */
export const musicKind = (options: MusicModuleOptions = {}): Kind => ({
  domain: 'music',
  timing: { firstPollMs: 10_000, pollCapMs: 30_000, usualMs: 120_000, overdueMs: 1_200_000 },
  hasDetail: true,
  models: offeredModels('music', musicModels, options),
});

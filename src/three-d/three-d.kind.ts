import { offeredModels } from '../shared/validation/index.js';
import { type Kind } from '../tasks/index.js';
import { type ThreeDModuleOptions } from './three-d.module-definition.js';
import { threeDModels } from './models/index.js';

/**
 * The kind as the core takes it.
 *
 * @throws TypeError naming the option or model that makes no sense
 */
export const threeDKind = (options: ThreeDModuleOptions = {}): Kind => ({
  domain: '3d',
  timing: { firstPollMs: 15_000, pollCapMs: 60_000, usualMs: 240_000, overdueMs: 2_700_000 },
  hasDetail: false,
  models: offeredModels('3d', threeDModels, options),
});

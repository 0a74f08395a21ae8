export { ApidotModule } from './apidot.module.js';
export { type ApidotOptions } from './apidot.options.js';
export { ApidotOptionInvalidError } from './apidot.errors.js';
export { ApidotProvider, type ApidotCondition, type StatusOptions } from './apidot.provider.js';
export { type ApidotFile } from './wire/result-files.js';
export { type ApidotReport } from './wire/report.js';
export { SharedPace, type Lease } from './pace/shared-pace.js';

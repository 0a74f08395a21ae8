// The module and what it registers.
export { ThreeDModule } from './three-d.module.js';
export { type ThreeDModuleOptions } from './three-d.module-definition.js';
export { threeDKind } from './three-d.kind.js';

// What a valid input is, as classes.
export { Meshy6ImageTo3d, Meshy6MultiImageTo3d, Meshy6TextTo3d } from './models/meshy-6.js';

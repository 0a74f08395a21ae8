// The module and what it registers.
export { MusicModule } from './music.module.js';
export { type MusicModuleOptions } from './music.module-definition.js';
export { musicKind } from './music.kind.js';

// What a valid input is, as classes.
export {
  GenerateMusicCustomInstrumental,
  GenerateMusicCustomVocal,
  GenerateMusicSimple,
} from './models/generate-music.js';
export { MinimaxAudioSetting, MinimaxMusic26 } from './models/minimax-music.js';

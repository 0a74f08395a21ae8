import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';

export type VideoModuleOptions = CatalogueOptions;

export const { ConfigurableModuleClass: ConfigurableVideoModule, MODULE_OPTIONS_TOKEN: VIDEO_OPTIONS } =
  new ConfigurableModuleBuilder<VideoModuleOptions>().setClassMethodName('forRoot').build();

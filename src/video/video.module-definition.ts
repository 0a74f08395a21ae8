import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';
import { type ModelDefinition } from '../tasks/index.js';

export interface VideoModuleOptions extends CatalogueOptions {
  /** Models of the host application beside ours. Default none. */
  readonly models?: readonly ModelDefinition[];
}

export const { ConfigurableModuleClass: ConfigurableVideoModule, MODULE_OPTIONS_TOKEN: VIDEO_OPTIONS } =
  new ConfigurableModuleBuilder<VideoModuleOptions>().setClassMethodName('forRoot').build();

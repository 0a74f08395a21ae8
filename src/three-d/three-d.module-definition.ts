import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';
import { type ModelDefinition } from '../tasks/index.js';

export interface ThreeDModuleOptions extends CatalogueOptions {
  /** Models of the host application beside ours. Default none. */
  readonly models?: readonly ModelDefinition[];
}

export const { ConfigurableModuleClass: ConfigurableThreeDModule, MODULE_OPTIONS_TOKEN: THREE_D_OPTIONS } =
  new ConfigurableModuleBuilder<ThreeDModuleOptions>().setClassMethodName('forRoot').build();

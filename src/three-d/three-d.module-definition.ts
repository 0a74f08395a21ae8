import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';

export type ThreeDModuleOptions = CatalogueOptions;

export const { ConfigurableModuleClass: ConfigurableThreeDModule, MODULE_OPTIONS_TOKEN: THREE_D_OPTIONS } =
  new ConfigurableModuleBuilder<ThreeDModuleOptions>().setClassMethodName('forRoot').build();

import { ConfigurableModuleBuilder, Module, type Type } from '@nestjs/common';
import { AccessModule } from '../access/index.js';
import { AccountController } from './account/account.controller.js';
import { Gatekeeper } from './access/gatekeeper.js';
import { CallbacksController } from './callbacks/callbacks.controller.js';
import { FeedController } from './feed/feed.controller.js';
import { FeedWaiter } from './feed/feed-waiter.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessCheck } from './health/readiness.js';
import { HTTP_OPTIONS, type HttpOptions } from './http.options.js';
import { KeysController } from './keys/keys.controller.js';
import { AccountMetrics } from './metrics/account-metrics.js';
import { CallbackMetrics } from './metrics/callback-metrics.js';
import { HttpMetrics } from './metrics/http-metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { SubmissionMetrics } from './metrics/submission-metrics.js';
import { TaskMetrics } from './metrics/task-metrics.js';
import { ModelsController } from './models/models.controller.js';
import { OpenApiController } from './openapi/open-api.controller.js';
import { OpenApiDocument } from './openapi/open-api-document.js';
import { ProblemWriter } from './problems/problem-writer.js';
import { HistoryController } from './tasks/history.controller.js';
import { OwnerErasureController } from './tasks/owner-erasure.controller.js';
import { SubmitController } from './tasks/submit.controller.js';
import { TaskPresenter } from './tasks/task-presenter.js';
import { TasksController } from './tasks/tasks.controller.js';

/** Served whatever a process does. */
const ALWAYS: readonly Type[] = [HealthController, MetricsController];

const API: readonly Type[] = [
  SubmitController,
  TasksController,
  OwnerErasureController,
  HistoryController,
  FeedController,
  AccountController,
  ModelsController,
  KeysController,
  CallbacksController,
  OpenApiController,
];

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<HttpOptions>({
  optionsInjectionToken: HTTP_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras(
    {
      /** False for a process that only works: health and metrics alone are served. */
      isApi: true,
    },
    (definition, { isApi }) => ({ ...definition, controllers: [...ALWAYS, ...(isApi ? API : [])] }),
  )
  .build();

/**
 * The REST API. Needs the tasks, callbacks, event store and database modules; requests pass through what `configureHttp`
 * installs.
 *
 * Exports the MetricsModule: inject the `Registry` of prom-client to add metrics.
 *
 * @example HttpModule.forRootAsync({ isApi: true, inject: [CONFIG], useFactory: (config) => ({ … }) })
 */
@Module({
  imports: [AccessModule, MetricsModule],
  providers: [
    Gatekeeper,
    ProblemWriter,
    HttpMetrics,
    CallbackMetrics,
    SubmissionMetrics,
    TaskMetrics,
    AccountMetrics,
    OpenApiDocument,
    ReadinessCheck,
    FeedWaiter,
    TaskPresenter,
  ],
  exports: [MetricsModule],
})
export class HttpModule extends ConfigurableModuleClass {}

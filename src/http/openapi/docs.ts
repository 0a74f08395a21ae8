import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type OpenApiDocument } from './open-api-document.js';

const PATH = 'docs';

/** Everything comes from this server; the page works without any other network. Its only inline parts are styles. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** True for the routes of the page. */
export const isDocs = (url: string): boolean => url === `/${PATH}` || url.startsWith(`/${PATH}/`);

/** A page to browse and try the API. The document is built when the first reader comes: by then all kinds are registered. */
export const serveDocs = (app: NestFastifyApplication, document: OpenApiDocument): void =>
  SwaggerModule.setup(PATH, app, () => shown(document), {
    customSiteTitle: 'Genledger API',
    raw: false,
    // Null keeps the page from asking a validator on the internet.
    swaggerOptions: {
      validatorUrl: null,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      persistAuthorization: false,
    },
  });

/**
 * Swagger UI warns in red of any dialect but the default one, which is draft 2020-12 with words of OpenAPI added: what our
 * schemas say is the same in both.
 */
const shown = (document: OpenApiDocument): OpenAPIObject => {
  const { jsonSchemaDialect: _, ...rest } = document.get() as { readonly jsonSchemaDialect: string };
  return rest as unknown as OpenAPIObject;
};

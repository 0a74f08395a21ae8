import { startApi, type Api } from './api.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

it('works', async () => {
  const a = await api.post('/v1/image/tasks', { model: 'sketch', input: { prompt: 'x' } });
  console.log(a.status, a.headers, a.json);
  const b = await api.get(`/v1/tasks/${a.json.id}`);
  console.log(b.status, b.json);
  for (const url of ['/health/live', '/health/ready', '/openapi.json', '/docs', '/docs/swagger-ui-init.js', '/docs/swagger-ui.css', '/v1/account', '/v1/models/lab%2Fecho', '/nope', '/v1/tasks/%zz', '/v1/tasks', '/metrics', '/v1/events']) {
    const c = await api.get(url);
    console.log(url, c.status, c.headers['content-type'], c.text.slice(0, 300));
  }
});

// Answers whether the process lives and whether it takes work. It must never wait for anything outside the process.
import { Router } from 'express'

export type Readiness = { ok: boolean; /** In words, without internals: strangers may read them. */ problems: string[] }

export function healthRoutes(ready: () => Readiness): Router {
  const routes = Router()
  routes.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' })
  })
  routes.get('/readyz', (_req, res) => {
    const { ok, problems } = ready()
    res.status(ok ? 200 : 503).json({ status: ok ? 'ready' : 'not ready', problems })
  })
  return routes
}

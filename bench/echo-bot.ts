// The peer: a bare botbuilder and express echo bot that makes as many calls to Teams as it is told. Holds no logic of ours.
import { ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication } from 'botbuilder'
import express from 'express'
import type { AddressInfo } from 'node:net'

const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}))

class Echo extends ActivityHandler {
  constructor() {
    super()
    this.onMessage(async (context, next) => {
      await context.sendActivity(`Echo: ${context.activity.text}`)
      await next()
    })
  }

  protected override async onInvokeActivity(
    context: Parameters<ActivityHandler['run']>[0]
  ): Promise<{ status: number; body: object }> {
    const { calls } = context.activity.value as { calls: number }
    const sent = await context.sendActivity('Echo: 1')
    for (let call = 2; call < calls; call += 1) await context.sendActivity(`Echo: ${String(call)}`)
    if (calls > 1) await context.updateActivity({ type: 'message', id: sent?.id ?? '', text: 'Echo: edited' })
    return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Echo' } }
  }
}

const bot = new Echo()
const app = express()
app.use(express.json())
app.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, (context) => bot.run(context))
})
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`Server listening to http://127.0.0.1:${String(port)}\n`)
})

// Describes the report API as OpenAPI 3.1, from the schemas that the API itself reads and answers with. It must never
// promise what a test has not seen.
import { z } from 'zod/v4'
import type { ApiRole } from './api-token.js'
import { caseAnswerSchema, reportAnswerSchema } from './case-answer.js'
import { problemSchema } from './problem.js'
import { reportRequestSchema } from './report-request.js'

const json = (schema: object) => ({ 'application/json': { schema } })
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const retryAfter = {
  'Retry-After': { required: true, description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } }
}
const challenge = { 'WWW-Authenticate': { required: true, schema: { type: 'string' } } }

function problem(description: string, headers?: object) {
  const content = { 'application/problem+json': { schema: reference('Problem') } }
  return headers === undefined ? { description, content } : { description, headers, content }
}

/** What every protected operation may answer. */
const refusals = {
  400: problem('The request could not be read, or is not valid: it names what is wrong.'),
  401: problem('No token, or none for this API.', challenge),
  403: problem("A person's token, or an application without the role."),
  500: problem('Something went wrong here; the log has the correlation id.'),
  503: problem('The token cannot be checked now.', retryAfter)
}

/** For other security schemes than OAuth 2, OpenAPI 3.1 lets the list name roles. */
const role = (name: ApiRole) => [{ entra: [name] }]

export function openApiDocument(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Phish Triage: reports',
      version: '1.0.0',
      description:
        'For playbooks: report a mail as phish, and ask how its case stands. Nothing here approves, chooses or carries out a remediation; that stays with people in Teams.'
    },
    paths: {
      '/api/reports': {
        post: {
          operationId: 'createReport',
          summary: 'Report a mail',
          security: role('Reports.Create'),
          parameters: [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: false,
              description:
                'A repeated request with the same key and the same content gets the same answer for 24 hours and has one effect.',
              schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' }
            }
          ],
          requestBody: { required: true, content: json(reference('ReportRequest')) },
          responses: {
            200: {
              description: 'It joined an open case of the same message.',
              content: json(reference('ReportAnswer'))
            },
            201: {
              description: 'It opened a case.',
              headers: { Location: { required: true, schema: { type: 'string', pattern: '^/api/cases/PT-\\d+$' } } },
              content: json(reference('ReportAnswer'))
            },
            ...refusals,
            409: problem('The same request is still being worked on.', retryAfter),
            413: problem('The mail has more than 10 MiB, or the request more than 14 MiB.'),
            415: problem('Not JSON in UTF-8, or compressed.'),
            422: problem('The key was used for another request, or the mail names no message.'),
            429: problem('Too many reports of mail that cannot be found.', retryAfter)
          }
        }
      },
      '/api/cases/{id}': {
        get: {
          operationId: 'readCase',
          summary: 'How a case stands',
          security: role('Cases.Read'),
          parameters: [
            {
              name: 'id',
              in: 'path',
              required: true,
              description: 'The `case` of an answer, for example PT-1042.',
              schema: { type: 'string', pattern: '^[Pp][Tt]-[1-9]\\d{0,14}$' }
            }
          ],
          responses: {
            200: { description: 'The case.', content: json(reference('Case')) },
            ...refusals,
            404: problem('There is no such case.')
          }
        }
      },
      '/api/openapi.json': {
        get: {
          operationId: 'readDocument',
          summary: 'This document',
          security: [],
          responses: { 200: { description: 'This document.', content: json({ type: 'object' }) } }
        }
      }
    },
    components: {
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: "A v2.0 access token of this tenant's Entra, issued to an application (client credentials)."
        }
      },
      schemas: {
        ReportRequest: schemaOf(reportRequestSchema, 'input'),
        ReportAnswer: schemaOf(reportAnswerSchema, 'output'),
        Case: schemaOf(caseAnswerSchema, 'output'),
        Problem: schemaOf(problemSchema, 'output')
      }
    }
  }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  // OpenAPI 3.1 has this dialect by default.
  return { ...z.toJSONSchema(schema, { io }), $schema: undefined }
}

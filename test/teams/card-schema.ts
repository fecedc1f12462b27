// The part of the Adaptive Card 1.5 schema that the bot's cards use, closed: what is not listed here may not be on a card.
import { Ajv } from 'ajv'
import * as AdaptiveCards from 'adaptivecards'

const flag = { type: 'boolean' }
const word = { type: 'string' }
const oneOf = (...values: string[]) => ({ enum: values })
const colors = oneOf('Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention', 'default')
const spacing = oneOf('Default', 'None', 'Small', 'Medium', 'Large', 'ExtraLarge', 'Padding')
const list = (definition: string) => ({ type: 'array', minItems: 1, items: { $ref: `#/definitions/${definition}` } })
const shape = (type: string, required: string[], properties: object) => ({
  type: 'object',
  required: ['type', ...required],
  additionalProperties: false,
  properties: { type: { const: type }, ...properties }
})
const element = { id: word, spacing, separator: flag, isVisible: flag }
const titled = {
  title: { type: 'string', minLength: 1, maxLength: 40 },
  style: oneOf('default', 'positive', 'destructive')
}
const caseData = {
  type: 'object',
  required: ['case', 'plan', 'verb'],
  additionalProperties: false,
  properties: {
    case: { type: 'string', pattern: '^PT-\\d+$' },
    plan: { type: 'integer', minimum: 0 },
    verb: oneOf(
      'approve',
      'withdraw',
      'reject',
      'lookAgain',
      'proposeAgain',
      'markDone',
      'close',
      'undo',
      'include',
      'exclude'
    )
  }
}
const messageData = {
  type: 'object',
  required: ['message', 'verb'],
  additionalProperties: false,
  properties: {
    message: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
    verb: { const: 'openCase' }
  }
}
const choiceData = {
  ...caseData,
  required: [...caseData.required, 'message'],
  properties: { ...caseData.properties, message: messageData.properties.message, verb: { const: 'choose' } }
}
const data = { oneOf: [caseData, messageData, choiceData] }
const link = { type: 'string', pattern: '^https://security\\.microsoft\\.com/[^\\s{}$]*$' }
const input = { ...element, label: word, isRequired: flag, errorMessage: word, value: word }
const associatedInputs = oneOf('auto', 'none')

const definitions = {
  element: {
    oneOf: ['Container', 'ColumnSet', 'TextBlock', 'RichTextBlock', 'ActionSet', 'ChoiceSet', 'Text', 'Toggle'].map(
      (name) => ({ $ref: `#/definitions/${name}` })
    )
  },
  Container: shape('Container', ['items'], {
    ...element,
    items: list('element'),
    style: oneOf('default', 'emphasis', 'good', 'attention', 'warning', 'accent'),
    bleed: flag
  }),
  ColumnSet: shape('ColumnSet', ['columns'], {
    ...element,
    columns: list('Column'),
    minHeight: { type: 'string', pattern: '^\\d+px$' },
    selectAction: { oneOf: [{ $ref: '#/definitions/ToggleVisibility' }, { $ref: '#/definitions/OpenUrl' }] }
  }),
  Column: shape('Column', ['items', 'width'], {
    items: list('element'),
    width: { type: 'string', pattern: '^(auto|stretch|\\d+px)$' },
    verticalContentAlignment: oneOf('Top', 'Center', 'Bottom')
  }),
  TextBlock: shape('TextBlock', ['text'], {
    ...element,
    text: { type: 'string', minLength: 1 },
    color: colors,
    horizontalAlignment: oneOf('Left', 'Center', 'Right'),
    isSubtle: flag,
    size: oneOf('Default', 'Small', 'Medium', 'Large', 'ExtraLarge'),
    weight: oneOf('Default', 'Lighter', 'Bolder'),
    style: oneOf('default', 'heading'),
    wrap: flag
  }),
  RichTextBlock: shape('RichTextBlock', ['inlines'], { ...element, inlines: list('TextRun') }),
  TextRun: shape('TextRun', ['text'], {
    text: { type: 'string', minLength: 1 },
    color: colors,
    fontType: oneOf('Default', 'Monospace'),
    isSubtle: flag,
    size: oneOf('Default', 'Small', 'Medium', 'Large', 'ExtraLarge'),
    weight: oneOf('Default', 'Lighter', 'Bolder')
  }),
  ActionSet: shape('ActionSet', ['actions'], {
    ...element,
    actions: {
      type: 'array',
      minItems: 1,
      maxItems: 6,
      items: { oneOf: [{ $ref: '#/definitions/Execute' }, { $ref: '#/definitions/OpenUrl' }] }
    }
  }),
  Execute: shape('Action.Execute', ['title', 'verb', 'data', 'fallback'], {
    ...titled,
    verb: word,
    data,
    associatedInputs,
    fallback: shape('Action.Submit', ['title', 'data'], { ...titled, data, associatedInputs })
  }),
  OpenUrl: shape('Action.OpenUrl', ['title', 'url'], { ...titled, url: link }),
  ToggleVisibility: shape('Action.ToggleVisibility', ['title', 'targetElements'], {
    title: word,
    targetElements: { type: 'array', minItems: 1, items: word }
  }),
  ChoiceSet: shape('Input.ChoiceSet', ['id', 'label', 'choices'], {
    ...input,
    placeholder: word,
    style: oneOf('compact', 'expanded'),
    choices: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['title', 'value'],
        additionalProperties: false,
        properties: { title: word, value: word }
      }
    }
  }),
  Text: shape('Input.Text', ['id', 'label'], { ...input, placeholder: word, maxLength: { type: 'integer' } }),
  Toggle: shape('Input.Toggle', ['id', 'title'], { ...input, title: word, valueOn: word, valueOff: word, wrap: flag })
}

const schema = {
  definitions,
  ...shape('AdaptiveCard', ['version', 'body', 'fallbackText'], {
    $schema: { const: 'http://adaptivecards.io/schemas/adaptive-card.json' },
    version: { const: '1.5' },
    fallbackText: word,
    body: list('element')
  })
}

const validate = new Ajv({ strict: true, strictTypes: false, discriminator: false, allErrors: false }).compile(schema)

/** Null where the card is good, else what is wrong and where. */
export function cardProblem(card: object): string | null {
  return validate(card) ? null : JSON.stringify(validate.errors?.slice(-3))
}

/** What the official renderer finds wrong. */
export function rendererProblems(card: object): string[] {
  const parsed = new AdaptiveCards.AdaptiveCard()
  const context = new AdaptiveCards.SerializationContext()
  parsed.parse(card, context)
  const parsing = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message)
  return [...parsing, ...parsed.validateProperties().validationEvents.map(({ message }) => message)]
}

// What holds for every card in every state: valid, small, readable without colours and with a screen reader, and calm.
import assert from 'node:assert/strict'
import { maxCardBytes } from '../../src/teams/card-template.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { cardStates } from './card-states.js'
import { type Node, nodesOf, textOf, withoutCharts } from './card-walk.js'

const cards = Object.entries(cardStates).flatMap(([name, drawn]) =>
  drawn.map((card, index): [string, object] => [index === 0 ? name : `${name}, in its thread`, withoutCharts(card)])
)
const ofType = (card: object, type: string) => nodesOf(card).filter((node) => node.type?.startsWith(type))
const isBand = (node: Node) => node.type === 'Container' && node.bleed === true

/** Longer than 20 characters, and the words by which people know the place. */
const knownTitles = ['Track in Action Center']

describe('every card', () => {
  for (const [name, card] of cards) {
    describe(name, () => {
      it('is valid and within 20 KiB', () => {
        // Teams' own part of a card, where mentions are; the schema of Adaptive Cards knows nothing of it.
        assert.equal(cardProblem(Object.fromEntries(Object.entries(card).filter(([key]) => key !== 'msteams'))), null)
        assert.deepEqual(rendererProblems(card), [])
        assert.ok(Buffer.byteLength(JSON.stringify(card)) <= maxCardBytes)
      })

      it('names every input, image, button and row that opens something', () => {
        for (const { id, label, title, type } of ofType(card, 'Input.')) {
          assert.match(String(type === 'Input.Toggle' ? title : label), /\w/, String(id))
        }
        for (const { altText, url } of ofType(card, 'Image')) assert.match(String(altText), /\w/, String(url))
        for (const { title } of ofType(card, 'Action.')) assert.match(String(title), /\w/)
        for (const { errorMessage, isRequired } of ofType(card, 'Input.')) {
          if (isRequired === true) assert.match(String(errorMessage), /\w/)
        }
      })

      it('has ids once each, and opens only what is there', () => {
        const ids = nodesOf(card).flatMap(({ id, type }) => (type !== undefined && typeof id === 'string' ? [id] : []))
        assert.equal(new Set(ids).size, ids.length, ids.join(', '))
        for (const { targetElements } of ofType(card, 'Action.ToggleVisibility')) {
          for (const target of targetElements as string[]) assert.ok(ids.includes(target), target)
        }
      })

      it('has titles that fit a phone, and one filled button at most', () => {
        const buttons = ofType(card, 'ActionSet').flatMap(({ actions }) => actions as Node[])
        for (const title of buttons.map((button) => String(button.title))) {
          assert.ok(title.length <= 20 || knownTitles.includes(title), title)
        }
        const filled = buttons.filter(({ style }) => style === 'positive' || style === 'destructive')
        assert.ok(filled.length <= 1, filled.map(({ title }) => title).join(', '))
      })

      it('says nothing twice as loud, and leaves no row empty', () => {
        const lines = textOf(card).split('\n')
        for (const line of lines) {
          assert.notEqual(line.trim(), '')
          assert.ok(line.trim() === '!' || !line.includes('!'), line)
          assert.doesNotMatch(line, /\b0 (?:links?|files?|mailboxes)\b/)
        }
      })
    })
  }

  it('begins with a heading where it has a band, and its glyph says what its colour says', () => {
    const meaning = new Map<unknown, unknown>()
    for (const [name, card] of cards) {
      const band = nodesOf(card).find(isBand)
      if (band === undefined) continue
      const [glyph, title] = nodesOf(band).filter(({ type }) => type === 'TextBlock')
      assert.equal(title?.style, 'heading', name)
      assert.equal(meaning.get(glyph?.text) ?? band.style, band.style, `${name}: ${String(glyph?.text)}`)
      meaning.set(glyph?.text, band.style)
    }
    assert.ok(meaning.size >= 9, [...meaning.keys()].join(' '))
  })

  it('says in words what stands in a colour of its own', () => {
    for (const [name, card] of cards) {
      for (const { color, text } of nodesOf(card).filter(({ color }) => color !== undefined && color !== 'Default')) {
        // A sign alone stands in the band, beside its words, or before the words of a step; a bar before its number.
        if (!/^\s*[!?✓✕◐▷►○–…█░·]+\s*$/u.test(String(text)))
          assert.match(String(text), /\w/, `${name}: ${String(color)}`)
      }
    }
  })
})

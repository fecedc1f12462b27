// Holds the rules of the house against every file of the repository, and shows each rule what it has to notice.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { basename, relative, resolve, sep } from 'node:path'
import { type File, file, importsOf, rules } from './architecture-rules.js'

const root = resolve(import.meta.dirname, '..')
/** Folders and files that are made, not written: those of .gitignore, and git's own. */
const ignored = readFileSync(resolve(root, '.gitignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.replace(/\/$/, '').replace(/[.]/g, '\\.').replace(/\*/g, '[^/]*'))
const made = new RegExp(`(?:^|/)(?:${[...ignored, '\\.git'].join('|')})$`)

function repositoryFiles(folder: string): File[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = resolve(folder, entry.name)
    const name = relative(root, path).replaceAll(sep, '/')
    if (made.test(name) || basename(name).endsWith('.png')) return []
    if (entry.isDirectory()) return repositoryFiles(path)
    return entry.isFile() ? [file(name, readFileSync(path, 'utf8'))] : []
  })
}

describe('architecture', () => {
  const files = repositoryFiles(root)

  it('is read whole', () => {
    const sources = files.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts'))
    assert.ok(sources.length > 60, String(sources.length))
    assert.ok(files.some(({ path }) => path === 'package-lock.json'))
    // Every file that imports anything is understood to import something.
    for (const source of sources.filter(({ text }) => /^import /m.test(text))) {
      assert.notEqual(importsOf(source).length, 0, source.path)
    }
  })

  for (const { name, check, breaches, allowed } of rules) {
    describe(name, () => {
      it('holds', () => {
        assert.deepEqual(files.flatMap(check), [])
      })
      for (const breach of breaches) {
        it(`would notice ${breach.path}: ${breach.text.slice(0, 60).trim()}`, () => {
          assert.notEqual(check(breach).length, 0)
        })
      }
      it('lets pass what is allowed', () => {
        assert.deepEqual(allowed.flatMap(check), [])
      })
    })
  }
})

import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'artifacts/', 'appPackage/build/', 'devTools/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A shape of named fields is a type here, whether or not it could be an interface.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Fakes and doors implement promise-returning ports that need not await.
      '@typescript-eslint/require-await': 'off',
      'max-params': ['error', 4],
      'no-console': 'error'
    }
  },
  {
    // Mocha's chains and the terminal programs that talk to a person.
    files: ['src/playground/**/*.ts', 'scripts/**/*.ts'],
    rules: { 'no-console': 'off' }
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', require: 'readonly', module: 'readonly', console: 'readonly' } }
  }
)

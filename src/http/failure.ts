// Says of an unexpected error where it happened. It must never repeat its message, which may quote a mail or a body.

export type Failure = { name: string; /** Lines of the stack. */ at: string[] }

export function failureOf(error: unknown): Failure {
  const { name, message, stack = '' } = error instanceof Error ? error : { name: typeof error, message: '' }
  const withoutMessage = stack.replace(message, () => '')
  return { name, at: withoutMessage.split('\n').filter((line) => /^\s+at /.test(line)) }
}

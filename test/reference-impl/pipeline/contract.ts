import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { packageRoot } from '../../../harness/entry.ts'

interface ResponseObject {
  content?: Record<string, unknown>
  headers?: Record<string, { required?: boolean; $ref?: string }>
  $ref?: string
}
interface Operation {
  operationId: string
  responses: Record<string, ResponseObject>
}

const root = 'pipeline'

/** Holds real responses to `openapi.yaml`, and remembers which of the documented ones it has seen. */
export class Contract {
  readonly #document: { paths: Record<string, Record<string, Operation>> }
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  readonly #seen = new Set<string>()

  constructor() {
    this.#document = parse(readFileSync(join(packageRoot, 'reference-impl/pipeline/openapi.yaml'), 'utf8'))
    this.#ajv.addSchema({ $id: root, ...this.#document })
  }

  /** Throws when the response is not one that the document describes. */
  check(method: string, path: string, status: number, headers: Headers, body: string): void {
    const [template, operation] = this.#operation(method, path)
    const where = `${method} ${template} → ${status}`
    const response = this.#resolve(operation.responses[status])
    if (response === undefined) throw new Error(`${where} is not documented; the body is ${body}`)
    this.#seen.add(`${operation.operationId} ${status}`)
    for (const [name, header] of Object.entries(response.headers ?? {})) {
      const { required } = this.#resolve(header) ?? {}
      if (required && !headers.has(name)) throw new Error(`${where} lacks the header ${name}`)
    }
    this.#checkBody(where, `${template}`, method, status, response, headers, body)
  }

  /** Throws when the value does not fit a schema of the document. */
  checkSchema(name: string, value: unknown): void {
    this.#validate(name, this.#compiled(`#/components/schemas/${name}`), value)
  }

  /** The documented responses that were not seen. */
  unseen(): string[] {
    const operations = Object.values(this.#document.paths).flatMap((item) =>
      Object.values(item).filter((operation): operation is Operation => 'operationId' in operation),
    )
    const documented = operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses).map((status) => `${operationId} ${status}`),
    )
    return documented.filter((response) => !this.#seen.has(response))
  }

  #checkBody(
    where: string,
    template: string,
    method: string,
    status: number,
    response: ResponseObject,
    headers: Headers,
    body: string,
  ): void {
    const type = headers.get('content-type')?.split(';')[0]
    if (response.content === undefined) {
      if (body !== '') throw new Error(`${where} must have no body, got ${body}`)
      return
    }
    if (type === undefined || !(type in response.content)) throw new Error(`${where} has the content type ${type}`)
    if (type !== 'application/json') return
    const reference = this.#document.paths[template]?.[method.toLowerCase()]?.responses[status]?.$ref
    const place = reference ?? `#/paths/${encode(template)}/${method.toLowerCase()}/responses/${status}`
    this.#validate(where, this.#compiled(`${place}/content/application~1json/schema`), JSON.parse(body))
  }

  #compiled(pointer: string): ValidateFunction {
    const validate = this.#ajv.getSchema(`${root}${pointer}`)
    if (validate === undefined) throw new Error(`the document has nothing at ${pointer}`)
    return validate
  }

  #validate(where: string, validate: ValidateFunction, value: unknown): void {
    if (validate(value)) return
    throw new Error(`${where}: ${this.#ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`)
  }

  #operation(method: string, path: string): [string, Operation] {
    for (const [template, item] of Object.entries(this.#document.paths)) {
      const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
      const operation = item[method.toLowerCase()]
      if (pattern.test(path) && operation) return [template, operation]
    }
    throw new Error(`${method} ${path} is not documented`)
  }

  #resolve<T extends { $ref?: string }>(object: T | undefined): T | undefined {
    if (object?.$ref === undefined) return object
    const steps = object.$ref.slice(2).split('/')
    return steps.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], this.#document) as T
  }
}

function encode(template: string): string {
  return encodeURIComponent(template.replaceAll('~', '~0').replaceAll('/', '~1'))
}

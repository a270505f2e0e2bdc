import { parentPort } from 'node:worker_threads'
import { type SqliteRequest, SqliteService } from './sqlite-service.ts'

/**
 * The entry of the database's thread. SQLite's calls block, so here they block nobody who serves requests, and for the
 * server a statement is what it is with PostgreSQL: a message there and an answer back.
 */
const service = new SqliteService()
parentPort?.on('message', (request: SqliteRequest) => parentPort?.postMessage(service.answer(request)))

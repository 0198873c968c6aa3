// Zod compiles a parser for each object it meets, which pays from some hundred documents on. A command reads one.
import { config } from 'zod'

config({ jitless: true })

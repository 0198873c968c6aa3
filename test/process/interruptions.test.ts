import { interruptionScenarios } from '../scenarios/interruptions.ts'

interruptionScenarios('process')

import { lossScenarios } from '../scenarios/losses.ts'

lossScenarios('process')

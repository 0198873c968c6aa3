import { changeScenarios } from '../scenarios/changes.ts'

changeScenarios('process')

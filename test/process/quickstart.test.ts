import { quickstartScenarios } from '../scenarios/quickstart.ts'

quickstartScenarios('process')

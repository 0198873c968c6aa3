import { lifeScenarios } from '../scenarios/life.ts'

lifeScenarios('process')

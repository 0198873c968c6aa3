import { layoutScenarios } from '../scenarios/layouts.ts'

layoutScenarios('process')

import { onDocker } from '../scenarios/on-docker.ts'
import { quickstartScenarios } from '../scenarios/quickstart.ts'

onDocker('the quickstart', quickstartScenarios)

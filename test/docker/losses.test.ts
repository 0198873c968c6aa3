import { lossScenarios } from '../scenarios/losses.ts'
import { onDocker } from '../scenarios/on-docker.ts'

onDocker('losses', lossScenarios)

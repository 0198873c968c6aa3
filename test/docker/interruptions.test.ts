import { interruptionScenarios } from '../scenarios/interruptions.ts'
import { onDocker } from '../scenarios/on-docker.ts'

onDocker('interruptions', interruptionScenarios)

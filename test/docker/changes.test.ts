import { changeScenarios } from '../scenarios/changes.ts'
import { onDocker } from '../scenarios/on-docker.ts'

onDocker('changes', changeScenarios)

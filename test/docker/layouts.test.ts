import { layoutScenarios } from '../scenarios/layouts.ts'
import { onDocker } from '../scenarios/on-docker.ts'

onDocker('layouts', layoutScenarios)

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { mavenPlaces } from './maven-repository.ts'
import { mirrorOfCentral, parseMavenSettings } from './maven-settings.ts'

const SETTINGS = `<?xml version="1.0"?>
<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">
  <!-- <localRepository>/commented</localRepository> -->
  <localRepository>\${user.home}/jars</localRepository>
  <mirrors>
    <mirror><id>other</id><mirrorOf>snapshots</mirrorOf><url>http://127.0.0.1:1/other</url></mirror>
    <mirror>
      <id>corp</id>
      <mirrorOf>*,!internal</mirrorOf>
      <url>http://127.0.0.1:2/maven?a=1&amp;b=2</url>
    </mirror>
  </mirrors>
  <servers>
    <server><id>corp</id><username>\${env.CORP_USER}</username><password>p&lt;w</password>
      <configuration><httpHeaders><property><name>X-Team</name><value>data</value></property></httpHeaders></configuration>
    </server>
  </servers>
  <profiles><profile><mirrors><mirror><id>no</id><mirrorOf>central</mirrorOf><url>http://127.0.0.1:3/</url></mirror></mirrors></profile></profiles>
</settings>`

let home: string | undefined
afterEach(async () => {
  if (home !== undefined) await rm(home, { recursive: true, force: true })
})

async function homeWith(settings: string): Promise<string> {
  home = await mkdtemp(join(tmpdir(), 'devcluster-test-'))
  await mkdir(join(home, '.m2'))
  await writeFile(join(home, '.m2', 'settings.xml'), settings)
  return home
}

describe('maven settings', () => {
  it('mirrors, servers and the local repository must be read, comments and profiles not', () => {
    const settings = parseMavenSettings(SETTINGS, { HOME: '/home/me', CORP_USER: 'anna' })
    expect(settings.localRepository).toBe('/home/me/jars')
    expect(settings.mirrors.map(({ id }) => id)).toEqual(['other', 'corp'])
    expect(settings.servers).toEqual([{ id: 'corp', username: 'anna', password: 'p<w', headers: { 'X-Team': 'data' } }])
  })

  it('the mirror of central must be the first that covers it', () => {
    const mirror = (mirrorOf: string) => mirrorOfCentral({ mirrors: [{ id: 'm', url: 'u', mirrorOf }], servers: [] })?.id
    expect(['central', '*', 'external:*', 'a, central', '*,!other'].map(mirror)).toEqual(['m', 'm', 'm', 'm', 'm'])
    expect(['snapshots', '*,!central', '!central'].map(mirror)).toEqual([undefined, undefined, undefined])
    expect(mirrorOfCentral(parseMavenSettings(SETTINGS, {}))?.id).toBe('corp')
  })

  it('broken or absent settings must mean none', async () => {
    expect(parseMavenSettings('<settings><mirrors><mirror>', {})).toEqual({ mirrors: [], servers: [] })
    const places = await mavenPlaces({ HOME: '/nowhere' })
    expect(places.local).toBe('/nowhere/.m2/repository')
  })

  it('the mirror must be asked with its server credentials', async () => {
    const places = await mavenPlaces({ HOME: await homeWith(SETTINGS), CORP_USER: 'anna' })
    const { url, headers } = await places.remote()
    expect(new URL(url).port).toBe('2')
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from('anna:p<w').toString('base64')}`, 'X-Team': 'data' })
  })

  it('DEVCLUSTER_MAVEN_REPOSITORY must win, and its credentials leave the address', async () => {
    const places = await mavenPlaces({ HOME: await homeWith(SETTINGS), DEVCLUSTER_MAVEN_REPOSITORY: 'http://me:s%40t@127.0.0.1:9/repo' })
    expect(await places.remote()).toEqual({
      url: 'http://127.0.0.1:9/repo/',
      headers: { authorization: `Basic ${Buffer.from('me:s@t').toString('base64')}` },
    })
    const bad = await mavenPlaces({ HOME: '/nowhere', DEVCLUSTER_MAVEN_REPOSITORY: 'ftp://x/' })
    await expect(bad.remote()).rejects.toMatchObject({ code: 'FETCH_FAILED' })
  })

  it('without any of them the library must know an https address', async () => {
    const { url, headers } = await (await mavenPlaces({ HOME: '/nowhere' })).remote()
    expect(url).toMatch(/^https:\/\/.+\/$/)
    expect(headers).toEqual({})
  })
})

// Where logs go. A node: stdout, one line per event with its time, INFO; the runtime collects and keeps it, so no files and no rotation here.
// A tool: warnings to stderr.
import { formatProperties } from '../../../render/formats/properties.ts'
import { isAtLeast } from '../catalogue.ts'

type Entries = readonly (readonly [string, string])[]

/** SimpleDateFormat (log4j 1) and log4j2 both know it, and readers of the log can parse it. */
const PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %m (%c)%n"
/** They repeat the whole configuration at INFO, some hundred lines each; `plan --explain` and `render` show it better. */
const DUMPS = [
  'kafka.server.KafkaConfig',
  'org.apache.kafka.common.config.AbstractConfig',
  'org.apache.kafka.clients.admin.AdminClientConfig',
]

function log4j2(target: 'SYSTEM_OUT' | 'SYSTEM_ERR', level: string): Entries {
  return [
    ['status', 'error'],
    // Kafka still logs after the JVM's shutdown hooks have begun.
    ['shutdownHook', 'disable'],
    ['appender.console.type', 'Console'],
    ['appender.console.name', 'CONSOLE'],
    ['appender.console.target', target],
    ['appender.console.layout.type', 'PatternLayout'],
    ['appender.console.layout.pattern', PATTERN],
    ['rootLogger.level', level],
    ['rootLogger.appenderRef.console.ref', 'CONSOLE'],
    ...DUMPS.flatMap(
      (name, i): Entries => [
        [`logger.dump${i}.name`, name],
        [`logger.dump${i}.level`, 'warn'],
      ],
    ),
  ]
}

function log4j1(target: 'System.out' | 'System.err', level: string): Entries {
  return [
    ['log4j.rootLogger', `${level}, console`],
    ['log4j.appender.console', 'org.apache.log4j.ConsoleAppender'],
    ['log4j.appender.console.Target', target],
    ['log4j.appender.console.layout', 'org.apache.log4j.PatternLayout'],
    ['log4j.appender.console.layout.ConversionPattern', PATTERN],
    ...DUMPS.map((name): readonly [string, string] => [`log4j.logger.${name}`, 'WARN']),
  ]
}

/** A log configuration of a version: its file and the flag that names it (`dir`: the node's config directory). */
export function logging(
  version: string,
  of: 'node' | 'tools',
): { readonly file: string; readonly content: string; readonly flag: (dir: string) => string } {
  const prefix = of === 'node' ? '' : 'tools-'
  if (isAtLeast(version, '4.0')) {
    const file = `${prefix}log4j2.properties`
    return {
      file,
      content: formatProperties(of === 'node' ? log4j2('SYSTEM_OUT', 'info') : log4j2('SYSTEM_ERR', 'warn')),
      flag: (dir) => `-Dlog4j2.configurationFile=${dir}/${file}`,
    }
  }
  const file = `${prefix}log4j.properties`
  return {
    file,
    content: formatProperties(of === 'node' ? log4j1('System.out', 'INFO') : log4j1('System.err', 'WARN')),
    flag: (dir) => `-Dlog4j.configuration=file:${dir}/${file}`,
  }
}
